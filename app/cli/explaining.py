"""`intentlens explain`: the heatmap of one prediction."""

import click

from app.cli.output import common_options, opened, reported, say
from core.errors import NoModelError, NotFoundError
from core.events.schema import EVENT_COLUMNS
from core.registry.models import champion
from core.store.event_queries import session_events, visitor_context
from core.store.item_queries import items
from core.store.session_queries import get_session


@click.command()
@click.option("--session", "session_id", required=True, help="The session's id.")
@click.option("--event", "event_id", help="One of its events; its last one without.")
@click.option("--intent", help="The intent to explain; the likeliest one without.")
@common_options
@reported
def explain(session_id: str, event_id: str | None, intent: str | None, home: str | None, as_json: bool) -> None:
    """Say which events and fields made the model think what it thinks."""
    from core.explain.attribution import explain_event  # torch and captum, which other commands do without
    from core.model.scorer import SessionScorer

    with opened(home) as warehouse:
        record = champion(warehouse)
        if record is None:
            raise NoModelError("No model can say intents yet; label some sessions and run `intentlens finetune`.")
        session = get_session(warehouse, session_id)
        event_ids = session_events(warehouse, session_id)["event_id"].tolist()
        if event_id is not None and event_id not in event_ids:
            raise NotFoundError(f"The session '{session_id}' has no event '{event_id}', only {', '.join(event_ids)}.")
        chosen = event_id or event_ids[-1]
        past = visitor_context(warehouse, session.visitor_id, chosen)[list(EVENT_COLUMNS)]
        known = items(warehouse, past["item_id"].dropna().unique().tolist())
        scorer = SessionScorer.load(record.folder)
        media = warehouse.settings.media_folder
        if intent is None:
            intent = scorer.intents[int(scorer.score(past, known, media)[-1].argmax())]
        heatmap = explain_event(scorer, past, known, media, event_id=chosen, intent=intent)
    result = {"session_id": session_id, "event_id": chosen, "model": record.model_id} | heatmap.to_dict()
    cells = heatmap.to_frame()
    say(result, f"{intent} {heatmap.probability:.1%} at event {chosen}\n{cells.to_string()}", as_json=as_json)
