"""Where two models answer otherwise and what speaks for it in each, as plain JSON values: for commands and the API."""

from collections.abc import Collection
from typing import Any

from core.events.rows import plain_rows
from core.registry.models import ModelRecord
from core.store.evaluation_queries import states_beside
from core.store.warehouse import Warehouse

MOST_SESSIONS = 20_000
MOST_NAMED = 10
"""Sessions furthest apart that are named."""


def answers_apart(warehouse: Warehouse, first: ModelRecord, second: ModelRecord) -> dict[str, Any] | None:
    """Agreement, κ, the matrix and the sessions furthest apart; None where neither source has a session of both.

    On the latest sessions that both scored, else on those that both held out.
    """
    from core.evaluation.divergence import answers_of_records, answers_of_states, diverge
    from core.evaluation.records import read_records

    states = states_beside(warehouse, first.model_id, second.model_id, MOST_SESSIONS)
    if len(states):
        found = diverge(answers_of_states(states, (first.intents, second.intents)))
    else:
        one, other = read_records(first.folder), read_records(second.folder)
        found = diverge(answers_of_records(one, other)) if one is not None and other is not None else None
    if found is None:
        return None
    apart = found.sessions[found.sessions["first"] != found.sessions["second"]].head(MOST_NAMED)
    return {
        "source": "scored" if len(states) else "held_out",
        "sessions": found.n,
        "visitors": found.visitors,
        "agreement": _known(vars(found.agreement)),
        "kappa": _known(vars(found.kappa)),
        "intents": list(found.intents),
        "confusion": found.confusion.tolist(),
        "per_intent": plain_rows(found.per_intent),
        "furthest": plain_rows(apart),
    }


def studies_apart(
    first: ModelRecord,
    second: ModelRecord,
    kinds: Collection[str] | None = None,
    intents: Collection[str] | None = None,
    limit: int | None = None,
) -> dict[str, Any]:
    """How what speaks for an intent differs, by kind of part and intent, the largest difference first.

    Args:
        kinds, intents: only these; all without. limit: rows of each list; all without.

    Returns:
        {"unstudied": ids of the models whose explanations are not measured, "methods": of both studies,
        "shared_sessions", "intents": those both say often enough, "differences": {kind: {intent: rows}}}; nothing is
        compared unless both were studied by one method.

    Raises:
        UnreadableFileError: a study is damaged.
    """
    from core.explain.study.beside import common_intents, differences, kinds_of_both, shared_sessions
    from core.explain.study.report import read_report

    studies = {model.model_id: read_report(model.folder) for model in (first, second)}
    told: dict[str, Any] = {
        "unstudied": [model_id for model_id, study in studies.items() if study is None],
        "methods": [study.method for study in studies.values() if study is not None],
        "shared_sessions": 0,
        "intents": [],
        "differences": {},
    }
    one, other = studies[first.model_id], studies[second.model_id]
    if one is None or other is None or one.method != other.method:
        return told
    common = common_intents(one, other)
    wanted = [intent for intent in common if intents is None or intent in intents]
    return told | {
        "shared_sessions": shared_sessions(one, other),
        "intents": common,
        "differences": {
            kind: {intent: plain_rows(differences(one, other, kind, intent).iloc[:limit]) for intent in wanted}
            for kind in kinds_of_both(one, other)
            if kinds is None or kind in kinds
        },
    }


def _known(score: dict[str, Any]) -> dict[str, Any]:
    """A score without NaN, which JSON does not know."""
    return {name: None if value != value else value for name, value in score.items()}
