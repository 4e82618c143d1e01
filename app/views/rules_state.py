"""What the Rules page remembers between two runs: the rule being edited, and how to undo the last change."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from app.components.parts import sentence
from app.context import context
from app.i18n import t
from core.errors import NotFoundError
from core.intents.taxonomy import load_taxonomy
from core.weak.journal import get_rule, new_rule_id
from core.weak.labeling_function import LabelingFunction

_DRAFT, _TURN, _UNDO = "rules.draft", "rules.turn", "rules.undo"
_FIRST = {"match": "all", "conditions": [{"what": "compare", "feature": "count_view", "operator": ">=", "value": 3}]}


def draft() -> LabelingFunction | None:
    """The rule in the editor; version 0 while it was never saved."""
    found: LabelingFunction | None = st.session_state.get(_DRAFT)
    return found


def turn() -> int:
    """Counts the rules that were opened: widgets of another one have other keys."""
    return int(st.session_state.get(_TURN, 0))


def keep_draft(rule: LabelingFunction) -> None:
    """Take what the editor shows now."""
    st.session_state[_DRAFT] = rule


def open_rule(rule_id: str | None) -> None:
    """Lay a rule into the editor; None for a new one. One that is gone is told."""
    try:
        rule = _new_rule() if rule_id is None else get_rule(context().warehouse, rule_id)
    except NotFoundError as error:
        st.warning(sentence(str(error)), icon=":material/search_off:")
        st.query_params.pop("rule", None)
        return
    show(rule)


def duplicate(rule: LabelingFunction) -> None:
    """Lay a copy into the editor, not saved yet."""
    name = t("rules.copy_of", name=rule.name)[:80]
    show(replace(rule, rule_id=new_rule_id(), name=name, version=0, created_at=None))


def show(rule: LabelingFunction) -> None:
    """Lay this rule into the editor as it is."""
    st.session_state[_DRAFT] = rule
    st.session_state[_TURN] = turn() + 1
    if rule.version:
        st.query_params["rule"] = rule.rule_id
    else:
        st.query_params.pop("rule", None)


def close() -> None:
    """Empty the editor."""
    st.session_state.pop(_DRAFT, None)
    st.session_state[_TURN] = turn() + 1
    st.query_params.pop("rule", None)


def act(words: str, undo: Callable[[], object]) -> None:
    """Something was changed: say so with a way back, and draw the page anew."""
    st.session_state[_UNDO] = (words, undo)
    st.rerun()


def offer_undo() -> None:
    """The last change and its undo button."""
    if _UNDO not in st.session_state:
        return
    words, undo = st.session_state[_UNDO]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/check_circle: {words}", width="content")
        if st.button(t("rules.undo"), icon=":material/undo:"):
            undo()
            del st.session_state[_UNDO]
            close()
            st.rerun()


def _new_rule() -> LabelingFunction:
    intent = load_taxonomy(context().warehouse)[0].id
    return LabelingFunction(new_rule_id(), "", intent, "conditions", dict(_FIRST), version=0)
