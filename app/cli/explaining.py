"""`intentlens explain`: the heatmap of one prediction."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
import pandas as pd

from app.cli.home import common_options, opened
from app.cli.models import chosen_model
from app.cli.output import say, table
from core.errors import NotFoundError
from core.events.schema import EVENT_COLUMNS
from core.registry.models import ModelRecord
from core.store.event_queries import session_events, visitor_context
from core.store.item_queries import items
from core.store.session_queries import get_session
from core.store.warehouse import Warehouse

if TYPE_CHECKING:
    from core.explain.heatmap import Heatmap

STRONGEST_FIELDS = 3
_NAMED_IDS = 5


@dataclass(frozen=True)
class Question:
    """Which prediction to explain: a visitor's events up to the asked one, and the items they name."""

    model: ModelRecord
    event_id: str
    events: pd.DataFrame
    items: pd.DataFrame


@click.command()
@click.option("--session", "session_id", required=True, help="The session's id.")
@click.option("--event", "event_id", help="One of its events; its last one without.")
@click.option("--intent", help="The intent to explain; the likeliest one without.")
@click.option("--model", "model_id", help="A model's id; the champion without.")
@click.option(
    "--method",
    default="integrated_gradients",
    show_default=True,
    help="Or gradient_times_input, shapley_sampling, occlusion_of_events, occlusion_of_fields; attention_rollout "
    "shows where the model looked and explains nothing.",
)
@click.option("--thorough", is_flag=True, help="Measure too how steady the explanation is; a few times as long.")
@common_options
def explain(
    session_id: str,
    event_id: str | None,
    intent: str | None,
    model_id: str | None,
    method: str,
    thorough: bool,
    home: str | None,
    as_json: bool,
) -> None:
    """Say which events and fields made the model think what it thinks.

    The figures are shares of the probability, measured from the mean event. --json has every cell.
    """
    with opened(home) as warehouse:
        question = _question(warehouse, chosen_model(warehouse, model_id), session_id, event_id)
        heatmap = _explained(question, warehouse, intent, method, thorough)
    about: dict[str, Any] = {"session_id": session_id, "event_id": question.event_id, "model": question.model.model_id}
    say(about | heatmap.to_dict(), _words(question, heatmap), as_json=as_json)


def _question(warehouse: Warehouse, model: ModelRecord, session_id: str, event_id: str | None) -> Question:
    session = get_session(warehouse, session_id)
    event_ids = session_events(warehouse, session_id)["event_id"].tolist()
    if event_id is not None and event_id not in event_ids:
        named = ", ".join(event_ids[-_NAMED_IDS:])
        raise NotFoundError(f"The session '{session_id}' has no event '{event_id}'; its last ones are {named}.")
    chosen = event_id or event_ids[-1]
    past = visitor_context(warehouse, session.visitor_id, chosen)[list(EVENT_COLUMNS)]
    return Question(model, chosen, past, items(warehouse, past["item_id"].dropna().unique().tolist()))


def _explained(question: Question, warehouse: Warehouse, intent: str | None, method: str, thorough: bool) -> "Heatmap":
    from core.explain.attribution import explain_event  # torch and captum, which other commands do without
    from core.model.scorer import SessionScorer

    scorer = SessionScorer.load(question.model.folder)
    media = warehouse.settings.media_folder
    if intent is None:
        intent = scorer.intents[int(scorer.score(question.events, question.items, media)[-1].argmax())]
    return explain_event(
        scorer,
        question.events,
        question.items,
        media,
        event_id=question.event_id,
        intent=intent,
        method=method,
        thorough=thorough,
    )


def _words(question: Question, heatmap: "Heatmap") -> str:
    heading = (
        f"{heatmap.intent} {heatmap.probability:.1%} at event {question.event_id} by {question.model.model_id}; "
        f"{heatmap.baseline_probability:.1%} if all events were the mean event\n"
        f"{_reliability(heatmap)}"
    )
    shown = question.events.tail(len(heatmap.event_ids))
    columns = zip(shown["occurred_at"], shown["event_type"], heatmap.event_ids, heatmap.event_totals, strict=True)
    rows = [
        [f"{at:%Y-%m-%d %H:%M:%S}", kind, event_id, f"{total:+.3f}", _strongest(heatmap, row)]
        for row, (at, kind, event_id, total) in enumerate(columns)
    ]
    return f"{heading}\n\n{table([['time (UTC)', 'type', 'event', 'total', 'mainly'], *rows], '<<<><')}"


def _reliability(heatmap: "Heatmap") -> str:
    verdict = heatmap.verdict
    decided = f"; decided by {verdict.reason}" if verdict.reason else ""
    error = f"convergence error {heatmap.relative_error:.1%}" if heatmap.is_complete else "no sum is promised"
    return f"reliability: {verdict.reliability} ({heatmap.method}, {error}{decided})"


def _strongest(heatmap: "Heatmap", row: int) -> str:
    values = dict(zip(heatmap.fields, heatmap.values[row].tolist(), strict=True))
    strongest = sorted(values, key=lambda name: -abs(values[name]))[:STRONGEST_FIELDS]
    return ", ".join(f"{name} {values[name]:+.3f}" for name in strongest)
