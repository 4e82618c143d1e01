"""The figures above the timeline; those that need a model come once the timeline is on its way to the browser."""

from typing import TYPE_CHECKING

import streamlit as st

from app.components.parts import percent, stat_tiles
from app.context import context
from app.i18n import t
from app.intent_names import intent_names
from app.views.visitor_purchase import purchase_tile
from core.store.event_queries import visitor_events
from core.store.timeline_queries import VisitorSummary

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

Tile = tuple[str, str, str]

PURCHASE_EVENTS = 500
"""How many of the newest events the purchase model reads."""


def render_stats(place: "DeltaGenerator", summary: VisitorSummary, latest: tuple[Tile, ...] = ()) -> None:
    """Draw the tiles in `place`, with those of the latest session behind them."""
    sessions, purchases = f"{summary.sessions:,}", f"{summary.purchases:,}"
    tiles = [
        (t("visitor.stat_sessions"), sessions, t("visitor.stat_since", day=f"{summary.first_at:%Y-%m-%d}")),
        (
            t("visitor.stat_events"),
            f"{summary.events:,}",
            t("visitor.stat_each", n=f"{summary.events / max(summary.sessions, 1):.1f}"),
        ),
        (t("visitor.stat_purchases"), purchases, t("visitor.stat_of_sessions", n=sessions)),
        (t("visitor.stat_last"), f"{summary.last_at:%H:%M}", f"{summary.last_at:%Y-%m-%d} UTC"),
        *latest,
    ]
    with place.container():
        stat_tiles(tiles)


def latest_tiles(visitor_id: str) -> tuple[Tile, ...]:
    """The visitor's intent now and whether the latest session will buy; nothing while no model is in memory."""
    if context().models.state() != "ready":
        return ()
    now = context().tracker.intent_of_visitor(visitor_id)
    intent, share = now.intents[0]
    name = intent_names().get(intent, intent)
    tile = (t("visitor.stat_intent"), name, t("visitor.stat_probability", share=percent(share)))
    buying = purchase_tile(visitor_events(context().warehouse, visitor_id, limit=PURCHASE_EVENTS))
    return (tile,) if buying is None else (tile, buying)


def pending_tile() -> tuple[Tile, ...]:
    """Holds the place of the visitor's intent while it is computed, so that nothing below moves."""
    if context().models.state() == "none":
        return ()
    return ((t("visitor.stat_intent"), "…", t("visitor.stat_pending")),)


def stats_place() -> "DeltaGenerator":
    """An element whose content `render_stats` replaces."""
    return st.empty()
