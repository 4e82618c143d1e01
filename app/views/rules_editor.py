"""The editor of a rule: its name, intent and definition, what it would do, and what can be done with it."""

from dataclasses import replace
from typing import Any, cast

import pandas as pd
import streamlit as st

from app.components.parts import shown_table
from app.components.shared.payload import intent_records
from app.context import context
from app.guard import guard
from app.i18n import t
from app.views.rules_conditions import edit_conditions, feature_names
from app.views.rules_preview import render_preview
from app.views.rules_state import act, close, draft, duplicate, keep_draft, show, turn
from app.views.rules_texts import edit_texts, render_speaking
from core.intents.taxonomy import load_taxonomy
from core.weak.features import FEATURES
from core.weak.journal import LONGEST_NAME, delete_rule, get_rule, restore_rule, save_rules, set_active
from core.weak.labeling_function import KINDS, Kind, LabelingFunction

_FIRST_TEXTS = {
    "sql": "count_view >= 3 AND NOT has_cart",
    "python": "count('view') >= 3 and not has_cart",
}


def render_editor() -> None:
    """Draw the rule that is being edited."""
    rule = draft()
    assert rule is not None  # noqa: S101 - the page draws the editor only then
    with st.container(border=True):
        st.subheader(t("rules.edit", name=rule.name) if rule.version else t("rules.edit_new"), anchor=False)
        left, right = st.columns([2, 1], gap="large")
        with left:
            rule = _fields(rule)
            keep_draft(rule)
        with right:
            render_preview(rule)
            if rule.kind == "texts":
                render_speaking(rule)
        with st.container(horizontal=True):
            _buttons(rule)


def _fields(rule: LabelingFunction) -> LabelingFunction:
    key = f"rule.{turn()}"
    records = {record["id"]: record for record in intent_records(load_taxonomy(context().warehouse))}
    ids = [*records] if rule.intent in records else [rule.intent, *records]
    with st.container(horizontal=True):
        name = st.text_input(t("rules.name"), rule.name, max_chars=LONGEST_NAME, key=f"{key}.name", width="stretch")
        intent = st.selectbox(
            t("rules.intent"),
            ids,
            index=ids.index(rule.intent),
            format_func=lambda value: records[value]["name"] if value in records else value,
            key=f"{key}.intent",
            width=170,
        )
    kind: Kind = st.segmented_control(
        t("rules.kind"),
        KINDS,
        default=rule.kind,
        format_func=lambda value: t(f"rules.kind_{value}"),
        key=f"{key}.kind",
        required=True,
    )
    definition = rule.definition if kind == rule.kind else {}
    return replace(rule, name=name, intent=intent, kind=kind, definition=_definition(kind, intent, definition, key))


def _definition(kind: Kind, intent: str, definition: dict[str, Any], key: str) -> dict[str, Any]:
    if kind == "conditions":
        return edit_conditions(definition, key)
    if kind == "texts":
        return edit_texts(intent, definition, f"{key}.texts")
    field = "sql" if kind == "sql" else "expression"
    text = st.text_area(
        t(f"rules.{kind}_text"),
        str(definition.get(field) or _FIRST_TEXTS[kind]),
        height=140,
        help=t(f"rules.{kind}_help"),
        key=f"{key}.{kind}",
    )
    with st.expander(t("rules.words"), icon=":material/help:"):
        st.markdown(t(f"rules.{kind}_words"))
        shown_table(_word_list(), column_config={name: t(f"rules.word_{name}") for name in ("word", "meaning", "kind")})
    return {field: text}


def _word_list() -> pd.DataFrame:
    names = feature_names()
    rows = [(f.name, names[f.name], t(f"rules.value_{f.kind}")) for f in FEATURES.values()]
    return pd.DataFrame(rows, columns=["word", "meaning", "kind"])


def _buttons(rule: LabelingFunction) -> None:
    if st.button(t("rules.save"), type="primary", icon=":material/save:", disabled=not rule.name.strip()):
        with guard():
            _save(rule)
    if not rule.name.strip():
        st.caption(t("rules.name_needed"), width="content")
    if rule.version:
        if st.button(t("rules.duplicate"), icon=":material/content_copy:"):
            duplicate(rule)
            st.rerun()
        words, icon = ("deactivate", "visibility_off") if rule.active else ("activate", "visibility")
        if st.button(t(f"rules.{words}"), icon=f":material/{icon}:"):
            _switch(rule)
        if st.button(t("rules.delete"), icon=":material/delete:"):
            _delete(rule)
    if st.button(t("rules.close"), icon=":material/close:"):
        close()
        st.rerun()


def _author() -> str:
    return str(st.session_state.get("annotator", ""))


def _save(rule: LabelingFunction) -> None:
    warehouse = context().warehouse
    before = get_rule(warehouse, rule.rule_id) if rule.version else None
    (saved,) = save_rules(warehouse, [replace(rule, author=_author())])
    show(saved)
    if before is None:
        act(t("rules.saved", name=saved.name), lambda: delete_rule(warehouse, saved.rule_id))
    act(t("rules.saved", name=saved.name), lambda: restore_rule(warehouse, cast("LabelingFunction", before)))


def _switch(rule: LabelingFunction) -> None:
    warehouse, active = context().warehouse, not rule.active
    show(set_active(warehouse, rule.rule_id, active, author=_author()))
    words = t("rules.activated" if active else "rules.deactivated", name=rule.name)
    act(words, lambda: set_active(warehouse, rule.rule_id, not active))


def _delete(rule: LabelingFunction) -> None:
    warehouse = context().warehouse
    gone = delete_rule(warehouse, rule.rule_id, author=_author())
    close()
    act(t("rules.deleted", name=gone.name), lambda: restore_rule(warehouse, gone))
