"""The Rules page: what the rules are worth together, each of them, the one being edited, and training on them."""

import streamlit as st

from app.components.parts import empty_state, page_header
from app.context import context
from app.guard import guard
from app.i18n import language, t
from app.views.rules_editor import render_editor
from app.views.rules_state import act, draft, offer_undo, open_rule
from app.views.rules_table import render_table
from app.views.rules_texts import offer_reading
from app.views.rules_training import render_training
from core.intents.taxonomy import load_taxonomy
from core.store.overview_queries import totals
from core.weak.journal import delete_rule, list_rules, save_rules
from core.weak.starter import starter_rules


def render_rules() -> None:
    """Draw the page."""
    page_header("rules.title", "rules.help")
    if not totals(context().warehouse).sessions:
        empty_state(t("rules.no_sessions"), t("rules.no_sessions_body"), "imports")
        return
    offer_undo()
    rules = list_rules(context().warehouse)
    asked = st.query_params.get("rule")
    if asked and draft() is None:
        open_rule(asked)
    if not rules and draft() is None:
        _first_steps()
        return
    if rules:
        with guard():
            offer_reading(rules)
            render_table(rules)
    _new()
    if draft() is not None:
        render_editor()
    if rules:
        with guard():
            render_training()


def _first_steps() -> None:
    with st.container(border=True):
        st.subheader(t("rules.none"), anchor=False)
        st.markdown(t("rules.none_body"))
        with st.container(horizontal=True):
            if st.button(t("rules.add_starters"), type="primary", icon=":material/playlist_add:"):
                _add_starters()
            _new()


def _add_starters() -> None:
    warehouse = context().warehouse
    intents = tuple(intent.id for intent in load_taxonomy(warehouse))
    saved = save_rules(warehouse, starter_rules(intents, language(), str(st.session_state.get("annotator", ""))))

    def undo() -> None:
        for rule in saved:
            delete_rule(warehouse, rule.rule_id)

    act(t("rules.starters_added", n=len(saved)), undo)


def _new() -> None:
    if st.button(t("rules.new"), icon=":material/add:"):
        open_rule(None)
        st.rerun()
