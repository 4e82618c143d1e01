"""What `intentlens evaluate --against` adds: where two models disagree on the same sessions."""

from typing import Any

from app.cli.output import table
from core.registry.models import ModelRecord
from core.store.evaluation_queries import states_beside
from core.store.warehouse import Warehouse

MOST_SESSIONS = 20_000
MOST_NAMED = 10
"""Sessions furthest apart that are named."""


def disagreement(warehouse: Warehouse, first: ModelRecord, second: ModelRecord) -> dict[str, Any]:
    """Agreement, κ, the matrix and the sessions furthest apart; of no session, where neither source has any.

    On the latest sessions that both scored, else on those that both held out.
    """
    from core.evaluation.divergence import answers_of_records, answers_of_states, diverge
    from core.evaluation.records import read_records

    told: dict[str, Any] = {"model_id": second.model_id, "first": first.model_id, "sessions": 0}
    states = states_beside(warehouse, first.model_id, second.model_id, MOST_SESSIONS)
    if len(states):
        found = diverge(answers_of_states(states, (first.intents, second.intents)))
    else:
        one, other = read_records(first.folder), read_records(second.folder)
        found = diverge(answers_of_records(one, other)) if one is not None and other is not None else None
    if found is None:
        return told
    apart = found.sessions[found.sessions["first"] != found.sessions["second"]].head(MOST_NAMED)
    return told | {
        "source": "scored" if len(states) else "held_out",
        "sessions": found.n,
        "visitors": found.visitors,
        "agreement": vars(found.agreement),
        "kappa": vars(found.kappa),
        "intents": list(found.intents),
        "confusion": found.confusion.tolist(),
        "per_intent": found.per_intent.to_dict("records"),
        "furthest": apart.to_dict("records"),
    }


def disagreement_words(told: dict[str, Any]) -> list[str]:
    """The same for people; nothing where nothing was asked."""
    if not told:
        return []
    if not told["sessions"]:
        return [
            f"No session that {told['first']} and {told['model_id']} both answered; run `intentlens score` by both."
        ]
    agreement, kappa = told["agreement"], told["kappa"]
    heading = (
        f"beside {told['model_id']}, {told['sessions']} sessions that both {told['source'].replace('_', ' ')}: "
        f"same answer in {agreement['value']:.1%} ({agreement['low']:.1%} to {agreement['high']:.1%}), "
        f"Cohen's kappa {_figure(kappa['value'])} ({_figure(kappa['low'])} to {_figure(kappa['high'])})"
    )
    matrix = [[f"{told['first']} v", *told["intents"]]]
    matrix += [[name, *map(str, row)] for name, row in zip(told["intents"], told["confusion"], strict=True)]
    furthest = [["furthest apart", told["first"], told["model_id"], "divergence (bits)"]]
    furthest += [
        [row["session_id"], row["first"], row["second"], _figure(row["divergence"])] for row in told["furthest"]
    ]
    parts = [heading, table(matrix, "<" + ">" * len(told["intents"]))]
    return [*parts, table(furthest, "<<<>")] if len(furthest) > 1 else parts


def _figure(value: float) -> str:
    return "-" if value != value else f"{value:.2f}"
