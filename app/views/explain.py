"""The Explain page: why the model gave an intent its probability at one event of one session."""

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from app.components.heatmap import heatmap as draw_heatmap
from app.components.shared.payload import intent_records
from app.context import context
from app.i18n import t
from app.navigation import FOLDER
from app.spreadsheet import spreadsheet_csv
from app.views.explain_against import choose_against, render_lead
from app.views.explain_choice import Choice, choose_intent
from app.views.explain_heatmap import heatmap_data
from app.views.explain_inside import keep_looked_at, looked_at, render_inside
from app.views.explain_lessons import render_lessons
from app.views.explain_method import MethodChoice, choose_method, render_block
from app.views.explain_model import model_in_address
from app.views.explain_report import render_report
from app.views.explain_start import choose_explained
from app.views.explain_summary import render_reliability, render_summary
from app.views.stream_digest import stream_digest
from core.events.schema import EVENT_COLUMNS
from core.intents.taxonomy import load_taxonomy
from core.store.item_queries import items as read_items

if TYPE_CHECKING:
    from core.explain.heatmap import Heatmap
    from core.model.scorer import SessionScorer


def render_explain() -> None:
    """Draw the page."""
    explained = choose_explained("explain")
    if explained is None:
        return
    scorer, past = explained.scorer, explained.past
    left, right = st.columns([5, 2])
    with left:
        choice = choose_intent(
            scorer.intents,
            lambda: _probabilities(scorer, past),
            explained.session_id,
            explained.event_id,
            explained.visitor_id,
        )
    method = choose_method(right, left)
    if not method.is_curiosity:
        choice = choice.set_against(choose_against(scorer.intents, choice.intent_id))
    _render_heatmap(scorer, past, explained.events, choice, method)


def _render_heatmap(
    scorer: "SessionScorer", past: pd.DataFrame, events: pd.DataFrame, choice: Choice, method: MethodChoice
) -> None:
    digest = stream_digest(scorer.model_id, past, _items(past))
    heatmap = _explained(
        digest, choice.event_id, choice.intent_id, choice.against, method.name, method.thorough, scorer, past
    )
    records = {record["id"]: record for record in intent_records(load_taxonomy(context().warehouse, inactive=True))}
    intent = records.get(choice.intent_id, {"id": choice.intent_id, "name": choice.intent_id})
    if choice.against is not None:
        other = records.get(choice.against, {"name": choice.against})["name"]
        name = t("explain_more.against_name", name=intent["name"], other=other)
        intent = {"id": f"{choice.intent_id}|{choice.against}", "name": name}
    show = render_summary if choice.against is None else render_lead
    show(heatmap, intent["name"])
    render_reliability(heatmap)
    event_id = looked_at(heatmap, events)
    told = intent | {"id": f"{intent['id']}|{method.name}"}  # another method has other columns
    data = heatmap_data(heatmap, scorer, past, _items(past), told, looked_at=event_id, name=_file_name(heatmap, choice))
    followed = draw_heatmap(data, key="heatmap", on_looked=_on_looked, on_go=lambda: None).go
    if followed:
        st.switch_page(str(FOLDER / f"{followed['page']}.py"), query_params=followed["query"] | model_in_address())
    render_block(heatmap)
    _links(choice)
    with st.container(horizontal=True):
        _downloads(heatmap, choice)
        render_report(scorer, choice, method)
    render_inside(scorer, past, choice, event_id)
    render_lessons(scorer, past, choice)


def _on_looked() -> None:
    chosen = st.session_state["heatmap"].looked
    if chosen:
        keep_looked_at(str(chosen))


def _links(choice: Choice) -> None:
    label, timeline, what_if = st.columns(3)
    label.page_link(
        str(FOLDER / "label.py"),
        label=t("explain.label"),
        icon=":material/sell:",
        query_params={"session": choice.session_id},
    )
    event = {"session": choice.session_id, "event": choice.event_id} | model_in_address()
    query = {"visitor": choice.visitor_id} | event
    timeline.page_link(
        str(FOLDER / "visitor.py"), label=t("explain.timeline"), icon=":material/timeline:", query_params=query
    )
    what_if.page_link(
        str(FOLDER / "what_if.py"),
        label=t("explain_more.what_if"),
        icon=":material/alt_route:",
        query_params=event,
    )


def _file_name(heatmap: "Heatmap", choice: Choice) -> str:
    against = f"-against-{choice.against}" if choice.against else ""
    return f"explanation-{heatmap.event_ids[-1]}-{heatmap.intent}{against}-{heatmap.method}"


def _downloads(heatmap: "Heatmap", choice: Choice) -> None:
    name = _file_name(heatmap, choice)
    st.download_button(
        t("explain.csv"), spreadsheet_csv(heatmap.to_frame()), f"{name}.csv", "text/csv", on_click="ignore"
    )
    text = json.dumps(heatmap.to_dict(), ensure_ascii=False, indent=1)
    st.download_button(t("explain.json"), text, f"{name}.json", "application/json", on_click="ignore")


def _probabilities(scorer: "SessionScorer", past: pd.DataFrame) -> list[float]:
    """[K] of the last event."""
    row: list[float] = _last_probabilities(stream_digest(scorer.model_id, past, _items(past)), scorer, past)
    return row


@st.cache_data(max_entries=256, show_spinner=False)  # type: ignore[untyped-decorator]
def _last_probabilities(digest: str, _scorer: Any, _past: pd.DataFrame) -> list[float]:
    scores = _scorer.score(_past[list(EVENT_COLUMNS)], _items(_past), context().settings.media_folder)
    row: list[float] = scores[-1].tolist()
    return row


@st.cache_data(max_entries=128, show_spinner=False)  # type: ignore[untyped-decorator]
def _explained(
    digest: str,
    event_id: str,
    intent_id: str,
    against: str | None,
    method: str,
    thorough: bool,
    _scorer: Any,
    _past: pd.DataFrame,
) -> "Heatmap":
    from core.explain.contrast import explain  # torch and captum, only once someone asks why

    asked = (_scorer, _past[list(EVENT_COLUMNS)], _items(_past), context().settings.media_folder)
    return explain(*asked, event_id=event_id, intent=intent_id, against=against, method=method, thorough=thorough)


def _items(past: pd.DataFrame) -> pd.DataFrame:
    return read_items(context().warehouse, past["item_id"].dropna().unique().tolist())
