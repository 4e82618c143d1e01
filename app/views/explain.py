"""The Explain page: why the model gave an intent its probability at one event of one session."""

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from app.components.heatmap import heatmap as draw_heatmap
from app.components.parts import empty_state, page_header
from app.components.shared.payload import component_texts, event_type_names, intent_records, locale
from app.context import context
from app.i18n import t
from app.navigation import FOLDER
from app.views.explain_choice import Choice, choose_event, choose_intent, choose_session
from app.views.explain_fields import heatmap_rows
from app.views.explain_method import MethodChoice, choose_method, render_block, unit_texts
from app.views.explain_summary import render_reliability, render_summary
from app.views.visitor_model import champion_or_explanation
from app.views.visitor_records import with_items
from core.events.schema import EVENT_COLUMNS
from core.intents.taxonomy import load_taxonomy
from core.store.event_queries import session_events, visitor_context
from core.store.item_queries import items as read_items
from core.store.overview_queries import totals

if TYPE_CHECKING:
    from core.explain.heatmap import Heatmap
    from core.model.scorer import SessionScorer


def render_explain() -> None:
    """Draw the page."""
    page_header("explain.title", "explain.help")
    if not totals(context().warehouse).sessions:
        empty_state(t("explain.no_events"), t("explain.no_events_body"), "imports")
        return
    scorer = champion_or_explanation("explain")
    if scorer is None:
        return
    left, right = st.columns([2, 3])
    session_id = choose_session(left)
    if not session_id:
        return
    events = session_events(context().warehouse, session_id)
    event_id = choose_event(right, events)
    visitor_id = str(events["visitor_id"].iloc[0])
    past = visitor_context(context().warehouse, visitor_id, event_id)
    left, right = st.columns([5, 2])
    with left:
        choice = choose_intent(scorer.intents, lambda: _probabilities(scorer, past), session_id, event_id, visitor_id)
    method = choose_method(right, left)
    _render_heatmap(scorer, past, choice, method)


def _render_heatmap(scorer: "SessionScorer", past: pd.DataFrame, choice: Choice, method: MethodChoice) -> None:
    heatmap = _explained(scorer.model_id, choice.event_id, choice.intent_id, method.name, method.thorough, scorer, past)
    records = {record["id"]: record for record in intent_records(load_taxonomy(context().warehouse, inactive=True))}
    intent = records.get(choice.intent_id, {"id": choice.intent_id, "name": choice.intent_id})
    render_summary(heatmap, intent["name"])
    render_reliability(heatmap)
    shown = with_items(past.tail(len(heatmap.event_ids)), _items(past))
    draw_heatmap(_data(heatmap, shown, intent), key="heatmap" if len(heatmap.fields) > 1 else "heatmap_events")
    render_block(heatmap)
    _links(choice)
    _downloads(heatmap)


def _data(heatmap: "Heatmap", shown: pd.DataFrame, intent: dict[str, Any]) -> dict[str, Any]:
    in_session = (shown["session_id"] == shown["session_id"].iloc[-1]).to_numpy()
    return {
        "language": locale(),
        "texts": component_texts("explain") | unit_texts(heatmap),
        "types": event_type_names(),
        "intent": {"id": intent["id"], "name": intent["name"]},
        "fields": [
            {"id": name, "name": t(f"explain.field.{name}"), "help": t(f"explain.field.{name}_help")}
            for name in heatmap.fields
        ],
        "rows": heatmap_rows(shown, heatmap.fields, event_type_names()),
        "values": heatmap.values.round(6).tolist(),
        "first": int(in_session.argmax()),
    }


def _links(choice: Choice) -> None:
    label, timeline = st.columns(2)
    label.page_link(
        str(FOLDER / "label.py"),
        label=t("explain.label"),
        icon=":material/sell:",
        query_params={"session": choice.session_id},
    )
    query = {"visitor": choice.visitor_id, "session": choice.session_id, "event": choice.event_id}
    timeline.page_link(
        str(FOLDER / "visitor.py"), label=t("explain.timeline"), icon=":material/timeline:", query_params=query
    )


def _downloads(heatmap: "Heatmap") -> None:
    name = f"explanation-{heatmap.event_ids[-1]}-{heatmap.intent}-{heatmap.method}"
    csv, whole = st.columns(2)
    csv.download_button(
        t("explain.csv"), heatmap.to_frame().to_csv(index=False), f"{name}.csv", "text/csv", on_click="ignore"
    )
    text = json.dumps(heatmap.to_dict(), ensure_ascii=False, indent=1)
    whole.download_button(t("explain.json"), text, f"{name}.json", "application/json", on_click="ignore")


def _probabilities(scorer: "SessionScorer", past: pd.DataFrame) -> list[float]:
    """[K] of the last event."""
    row: list[float] = _last_probabilities(scorer.model_id, str(past["event_id"].iloc[-1]), scorer, past)
    return row


@st.cache_data(max_entries=256, show_spinner=False)  # type: ignore[untyped-decorator]
def _last_probabilities(model_id: str, event_id: str, _scorer: Any, _past: pd.DataFrame) -> list[float]:
    scores = _scorer.score(_past[list(EVENT_COLUMNS)], _items(_past), context().settings.media_folder)
    row: list[float] = scores[-1].tolist()
    return row


@st.cache_data(max_entries=128, show_spinner=False)  # type: ignore[untyped-decorator]
def _explained(
    model_id: str, event_id: str, intent_id: str, method: str, thorough: bool, _scorer: Any, _past: pd.DataFrame
) -> "Heatmap":
    from core.explain.attribution import explain_event  # torch and captum, only once someone asks why

    return explain_event(
        _scorer,
        _past[list(EVENT_COLUMNS)],
        _items(_past),
        context().settings.media_folder,
        event_id=event_id,
        intent=intent_id,
        method=method,
        thorough=thorough,
    )


def _items(past: pd.DataFrame) -> pd.DataFrame:
    return read_items(context().warehouse, past["item_id"].dropna().unique().tolist())
