"""The What if page: edit a session's events and see its prediction move, and the smallest change that flips it."""

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from app.components.heatmap import heatmap as draw_heatmap
from app.components.parts import page_link
from app.components.shared.payload import component_texts, event_type_names, locale
from app.components.what_if import what_if as draw_editor
from app.guard import guard
from app.i18n import t
from app.views.explain_heatmap import heatmap_data
from app.views.explain_model import model_in_address
from app.views.explain_start import choose_explained
from app.views.what_if_rows import editor_rows
from app.views.what_if_search import render_search
from app.views.what_if_state import Asked, ask_what_if, loaded_version

if TYPE_CHECKING:
    from core.model.scorer import SessionScorer

MOST_LISTED = 200
"""Items offered by name; any other is typed by its id."""


def render_what_if() -> None:
    """Draw the page."""
    explained = choose_explained("what_if")
    if explained is not None:
        _render_editor(explained.scorer, explained.past)


@st.fragment  # type: ignore[untyped-decorator]
def _render_editor(scorer: "SessionScorer", past: pd.DataFrame) -> None:
    """The probabilities go to the browser first, then the heatmap, which takes some times as long, then what no edit
    moves."""
    with guard():
        event_id = str(past["event_id"].iloc[-1])
        text = st.query_params.get("edits", "")
        asked = ask_what_if(scorer, past, text)
        key = f"what_if.{scorer.model_id}.{event_id}"

        def on_edits() -> None:
            _keep_edits(st.session_state[key].edits or "")

        draw_editor(_editor_data(asked, text), key=key, on_edits=on_edits)
        place_of_search = st.container()
        intent = asked.choose_intent()
        if asked.error is None:
            _render_heatmap(asked, scorer, intent)
        with place_of_search:
            render_search(asked)
        session_id = str(past["session_id"].iloc[-1])
        page_link("explain", t("what_if.explain"), session=session_id, event=event_id, **model_in_address())


def _keep_edits(text: str) -> None:
    if text:
        st.query_params["edits"] = text
    else:
        st.query_params.pop("edits", None)


def _editor_data(asked: Asked, text: str) -> dict[str, Any]:
    titles = dict(zip(asked.items["item_id"], asked.items["title"].fillna(""), strict=True))
    offered = [[item_id, titles[item_id]] for item_id in asked.item_ids if item_id in titles][:MOST_LISTED]
    return {
        "language": locale(),
        "texts": component_texts("what_if"),
        "types": event_type_names(),
        "intents": asked.intent_records,
        "edits": "" if asked.damaged else text,
        "version": loaded_version(),
        "rows": editor_rows(asked),
        "before": asked.before,
        "after": asked.after,
        "error": asked.error,
        "choices": {"types": list(event_type_names()), "items": offered, "queries": list(asked.habits.queries)},
    }


def _render_heatmap(asked: Asked, scorer: "SessionScorer", intent: dict[str, Any]) -> None:
    heatmap = asked.explain(intent["id"])
    st.caption(t("what_if.heatmap", name=intent["name"], share=f"{heatmap.probability:.1%}"))
    data = heatmap_data(heatmap, scorer, asked.what_if.frame(asked.edits), asked.items, intent, name="what-if")
    draw_heatmap(data, key="what_if_heatmap")
