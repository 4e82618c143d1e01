"""The map of the serving model's view of the sessions; what is outlined on it is chosen."""

import json
from typing import Any

import streamlit as st

from app.address import kept_choice
from app.components.parts import here_link, page_link, sentence
from app.components.resting import rerun_at_rest
from app.components.session_map import session_map
from app.components.shared.payload import component_texts, locale
from app.context import context
from app.i18n import t
from app.views.bulk_model import embedded_or_explanation
from app.views.bulk_points import COLORINGS, MapPoints, map_points
from app.views.bulk_select import freeze
from app.views.bulk_state import Looked, keep_outline, open_session, opened, outline
from app.views.quality_data import known_person
from app.views.quality_evidence import render_events
from core.active.options import ScoredModel
from core.intents.adjudication import Target
from core.intents.bulk import Selection
from core.projection.maps import MapState
from core.store.session_queries import get_session

_KEY = "bulk.map"


def choose_on_map(models: tuple[ScoredModel, ...]) -> Looked | None:
    """The sessions within the outline drawn on the map."""
    model = embedded_or_explanation(models)
    if model is None:
        return None
    state = context().maps.state(model.model_id)
    if state.state != "ready":
        _make(model, state)
        return None
    _freshness(model, state)
    coloring = kept_choice(
        "color",
        t("bulk.color"),
        COLORINGS,
        lambda name: t(f"bulk.color_{name}"),
        segmented=True,
        label_visibility="visible",
    )
    points = map_points(model, context().maps.version(model.model_id), coloring, known_person() or "")
    drawn = _outline(coloring)
    _draw(points, coloring, drawn)
    _card()
    if drawn is None:
        st.info(t("bulk.outline_needed"), icon=":material/gesture:")
        return None
    hidden = [points.categories[place]["id"] for place in drawn["hidden"] if place < len(points.categories)]
    told = {"model": model.model_id, "color": coloring, "outline": drawn["outline"], "hidden": hidden}
    return freeze(["map", points.stamp, told], lambda: Selection("map", points.within(drawn), told))


def _make(model: ScoredModel, state: MapState) -> None:
    """Start the map where there is none; say how far it is, or why it failed."""
    if state.state == "failed":
        st.error(t("bulk.map_failed", error=sentence(state.error or "")), icon=":material/error:")
        if st.button(t("bulk.map_again"), icon=":material/refresh:"):
            context().maps.make(model.model_id)
            st.rerun()
        return
    if state.state == "none":
        context().maps.make(model.model_id)
    _wait(model.model_id)


@st.fragment(run_every=1.0)  # type: ignore[untyped-decorator]
def _wait(model_id: str) -> None:
    """How far the map is; draws the page once it is there."""
    state = context().maps.state(model_id)
    if state.state in {"ready", "failed"}:
        rerun_at_rest("map")
    with st.container(border=True):
        st.markdown(t("bulk.map_making", n=f"{state.scored:,}"))
        st.progress(state.share)
        st.caption(t("bulk.map_meanwhile"))


def _freshness(model: ScoredModel, state: MapState) -> None:
    if state.running:
        st.caption(t("bulk.map_renewing"))
    elif state.is_stale:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(t("bulk.map_stale", n=f"{state.scored - state.sessions:,}"), width="content")
            if st.button(t("bulk.map_renew"), icon=":material/add_location_alt:"):
                context().maps.make(model.model_id)
                st.rerun()


def _outline(coloring: str) -> dict[str, Any] | None:
    """What is outlined; what was hidden in other colours meant other categories."""
    drawn = outline()
    return drawn if drawn is None or drawn["color"] == coloring else drawn | {"hidden": []}


def _draw(points: MapPoints, coloring: str, drawn: dict[str, Any] | None) -> None:
    def on_outlined() -> None:
        sent = st.session_state[_KEY].outlined
        if sent:
            keep_outline(dict(sent) | {"color": coloring} if sent["outline"] else None)

    def on_opened() -> None:
        sent = st.session_state[_KEY].opened
        if sent:
            open_session(str(sent["session_id"]))

    data: dict[str, Any] = {
        "language": locale(),
        "texts": component_texts("bulk"),
        "categories": points.categories,
        "places": points.places,
        "shades": points.shades,
        "events": points.events,
        "session_ids": points.session_ids,
        "stamp": json.dumps([coloring, points.stamp]),
        "outline": drawn["outline"] if drawn else None,
        "hidden": drawn["hidden"] if drawn else [],
    }
    session_map(data, key=_KEY, on_outlined=on_outlined, on_opened=on_opened)


def _card() -> None:
    """The session whose point was clicked, and where to go from it."""
    session_id = opened()
    if session_id is None:
        return
    with st.container(border=True):
        st.markdown(f"**{t('bulk.session', session=session_id)}**")
        render_events(Target("session", session_id, None))
        visitor = get_session(context().warehouse, session_id).visitor_id
        with st.container(horizontal=True):
            page_link("visitor", t("sessions.timeline"), visitor=visitor, session=session_id)
            page_link("label", t("sessions.label"), session=session_id)
            here_link("bulk", t("bulk.find_like"), like=session_id)
            st.button(t("bulk.close"), icon=":material/close:", on_click=open_session, args=(None,))
