"""The What if page: edit a session's events and see its prediction move, and the smallest change that flips it."""

import math
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.components.heatmap import heatmap as draw_heatmap
from app.components.parts import page_link
from app.components.shared.payload import component_texts, event_type_names, locale
from app.components.what_if import what_if as draw_editor
from app.guard import guard
from app.i18n import language, speaking, t
from app.views.explain_heatmap import table_data
from app.views.explain_model import model_in_address
from app.views.explain_start import choose_explained
from app.views.visitor_records import records_of_rows, rows_with_items
from app.views.what_if_rows import editor_rows
from app.views.what_if_search import render_search
from app.views.what_if_state import Asked, Subject, ask_what_if, loaded_version

if TYPE_CHECKING:
    from core.explain.heatmap import Heatmap

MOST_LISTED = 200
"""Items offered by name; any other is typed by its id."""


def render_what_if() -> None:
    """Draw the page."""
    explained = choose_explained("what_if")
    if explained is not None:
        with guard():
            _render_editor(Subject(explained.scorer, explained.past))


@st.fragment  # type: ignore[untyped-decorator]
def _render_editor(subject: Subject) -> None:
    """The probabilities go to the browser first, then the heatmap, which takes some times as long, then what no edit
    moves, and last a finer heatmap where the first look did not add up."""
    with guard():
        event_id = str(subject.past["event_id"].iloc[-1])
        text = st.query_params.get("edits", "")
        asked = ask_what_if(subject, text)
        key = f"what_if.{subject.scorer.model_id}.{event_id}"

        def on_edits() -> None:
            _keep_edits(st.session_state[key].edits or "")

        draw_editor(_editor_data(asked, text), key=key, on_edits=on_edits)
        place_of_search = st.container()
        intent = asked.choose_intent()
        is_rough = asked.error is None and _render_heatmap(asked, intent)
        with place_of_search:
            render_search(asked)
        session_id = str(subject.past["session_id"].iloc[-1])
        page_link("explain", t("what_if.explain"), session=session_id, event=event_id, **model_in_address())
        subject.is_fresh = False
        if is_rough:
            asked.explain(intent["id"], refined=True)
            st.rerun(scope="fragment")


def _keep_edits(text: str) -> None:
    if text:
        st.query_params["edits"] = text
    else:
        st.query_params.pop("edits", None)


def _editor_data(asked: Asked, text: str) -> dict[str, Any]:
    with speaking(language()):
        items = asked.what_if.items
        offered = [[item_id, items[item_id]["title"] or ""] for item_id in asked.subject.item_ids if item_id in items]
        types, queries = list(event_type_names()), list(asked.habits.queries)
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
            "choices": {"types": types, "items": offered[:MOST_LISTED], "queries": queries},
        }


def _render_heatmap(asked: Asked, intent: dict[str, Any]) -> bool:
    """Draw it; True where it is a first look that a finer one has to follow.

    On a page just opened the finer one is waited for: no part runs anew before the whole has run.
    """
    heatmap = asked.explain(intent["id"])
    if asked.subject.is_fresh and asked.is_rough(heatmap):
        heatmap = asked.explain(intent["id"], refined=True)
    is_rough = asked.is_rough(heatmap)
    said = t("what_if.heatmap", name=intent["name"], share=f"{heatmap.probability:.1%}")
    st.caption(f"{said} · {_how_exact(heatmap, is_rough=is_rough)}")
    variant = asked.variant
    records = records_of_rows(rows_with_items(variant.shown, asked.what_if.items))
    visitor_id = str(variant.rows[-1]["visitor_id"])
    data = table_data(heatmap, records, variant.readings, intent, visitor_id=visitor_id, name="what-if")
    draw_heatmap(data, key="what_if_heatmap")
    return is_rough


def _how_exact(heatmap: "Heatmap", *, is_rough: bool) -> str:
    """How far the cells add up to the change of the probability, and whether that is the last word."""
    from core.explain.verdict import TRUSTED_ERROR

    is_met = heatmap.relative_error <= TRUSTED_ERROR
    key = "what_if_look.first" if is_rough else "what_if_look.met" if is_met else "what_if_look.unmet"
    error = max(1, math.ceil(1000 * heatmap.relative_error)) / 1000  # "within 0.0 %" would promise too much
    return t(key, error=f"{error:.1%}", n=heatmap.n_steps)
