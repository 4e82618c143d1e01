"""The Map page: choose many sessions by map, likeness, filter or SQL, look at them, and label them all at once."""

import streamlit as st

from app.address import kept_choice
from app.components.parts import empty_state, page_header
from app.context import context
from app.guard import guard
from app.i18n import t
from app.views.bulk_batches import offer_undo, render_batches
from app.views.bulk_map import choose_on_map
from app.views.bulk_preview import render_preview
from app.views.bulk_select import choose_by_filter, choose_by_likeness, choose_by_sql
from app.views.quality_data import known_person
from app.views.unscored import render_unscored
from core.registry.scored import scored_models
from core.store.overview_queries import totals

WAYS = ("map", "like", "filter", "sql")


def render_bulk() -> None:
    """Draw the page."""
    page_header("bulk.title", "bulk.help")
    if not totals(context().warehouse).sessions:
        empty_state(t("bulk.no_sessions"), t("bulk.no_sessions_body"), "imports")
        return
    known_person()  # so that the name in the address holds here too
    models = scored_models(context().warehouse)
    offer_undo()
    if models:
        render_unscored()
    usual = "like" if st.query_params.get("like") else "map"
    how = kept_choice("how", t("bulk.how"), WAYS, lambda way: t(f"bulk.how_{way}"), usual=usual, segmented=True)
    choose = {"map": choose_on_map, "like": choose_by_likeness, "filter": choose_by_filter, "sql": choose_by_sql}[how]
    with guard():
        seen = choose(models)
        if seen is not None:
            render_preview(seen, models)
    with guard():
        render_batches()
