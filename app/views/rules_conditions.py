"""The builder of conditions: one row each, what is asked and the answer that is wanted."""

from typing import Any

import streamlit as st

from app.components.shared.payload import event_type_names
from app.i18n import t
from app.views.rules_state import turn
from core.events.schema import EVENT_TYPES
from core.weak.compiled import MENTION_FIELDS
from core.weak.conditions import MATCHES, OPERATORS
from core.weak.features import FEATURES

_MOST = 12
_OTHERS = ("before", "mentions")
_FIRST_VALUES: dict[str, Any] = {"number": 3, "text": "", "truth": True}


def feature_names() -> dict[str, str]:
    """Every feature in the reader's language."""
    types = event_type_names()
    return {
        name: t("rules.count_of", type=types[name.removeprefix("count_")])
        if name.startswith("count_")
        else t(f"rules.feature_{name}")
        for name in FEATURES
    }


def edit_conditions(definition: dict[str, Any], key: str) -> dict[str, Any]:
    """Draw the rows; returns the definition as it is shown now."""
    rows = _rows(definition)
    match = st.segmented_control(
        t("rules.match"),
        MATCHES,
        default=definition.get("match", "all"),
        format_func=lambda value: t(f"rules.match_{value}"),
        key=f"{key}.match",
        required=True,
        label_visibility="collapsed",
    )
    conditions = []
    for number in list(rows):
        with st.container(border=True, horizontal=True, vertical_alignment="bottom", gap="small"):
            conditions.append(_condition(rows[number], f"{key}.{number}"))
            rows[number] = conditions[-1]
            if len(rows) > 1 and st.button(
                "", icon=":material/close:", key=f"{key}.{number}.remove", help=t("rules.remove_condition")
            ):
                del rows[number]
                st.rerun()
    if len(rows) < _MOST and st.button(t("rules.add_condition"), icon=":material/add:", key=f"{key}.add"):
        rows[max(rows) + 1] = {"what": "compare", "feature": "events", "operator": ">=", "value": 3}
        st.rerun()
    return {"match": match, "conditions": conditions}


def _rows(definition: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """The conditions by a number that stays theirs, also when one above is removed."""
    kept = st.session_state.get("rules.rows")
    if kept is None or kept[0] != turn():
        conditions = definition.get("conditions") or [
            {"what": "compare", "feature": "events", "operator": ">=", "value": 3}
        ]
        kept = st.session_state["rules.rows"] = (turn(), dict(enumerate(conditions)))
    rows: dict[int, dict[str, Any]] = kept[1]
    return rows


def _condition(condition: dict[str, Any], key: str) -> dict[str, Any]:
    names = feature_names() | {name: t(f"rules.asks_{name}") for name in _OTHERS}
    offered = [*_OTHERS, *(name for name in names if name not in _OTHERS)]
    was = condition["feature"] if condition["what"] == "compare" else condition["what"]
    asked = st.selectbox(
        t("rules.asked"),
        offered,
        index=offered.index(was),
        format_func=names.__getitem__,
        key=f"{key}.asked",
        label_visibility="collapsed",
        width=195,
    )
    negated = st.selectbox(
        t("rules.whether"),
        (False, True),
        index=int(bool(condition.get("negated")) != (condition.get("value") is False)),
        format_func=lambda value: t("rules.is_not" if value else "rules.is"),
        key=f"{key}.negated",
        label_visibility="collapsed",
        width=85,
    )
    known = condition if asked == was else {}
    if asked == "before":
        made = _before(known, key)
    elif asked == "mentions":
        made = _mentions(known, key)
    else:
        made = _compare(asked, known, f"{key}.{asked}")
    return made | ({"negated": True} if negated else {})


def _before(known: dict[str, Any], key: str) -> dict[str, Any]:
    types = event_type_names()

    def choose(name: str, usual: str) -> str:
        chosen: str = st.selectbox(
            t(f"rules.{name}_type"),
            EVENT_TYPES,
            index=EVENT_TYPES.index(known.get(name, usual)),
            format_func=types.__getitem__,
            key=f"{key}.{name}",
            label_visibility="collapsed",
            width=150,
        )
        return chosen

    first = choose("first", "search")
    st.markdown(t("rules.then"), width="content")
    return {"what": "before", "first": first, "then": choose("then", "add_to_cart")}


def _mentions(known: dict[str, Any], key: str) -> dict[str, Any]:
    where = st.selectbox(
        t("rules.where"),
        MENTION_FIELDS,
        index=MENTION_FIELDS.index(known.get("where", "query")),
        format_func=lambda value: t(f"rules.where_{value}"),
        key=f"{key}.where",
        label_visibility="collapsed",
        width=150,
    )
    return {"what": "mentions", "where": where, "words": _words(", ".join(known.get("words", [])), f"{key}.words")}


def _compare(name: str, known: dict[str, Any], key: str) -> dict[str, Any]:
    kind = FEATURES[name].kind
    value = known.get("value", _FIRST_VALUES[kind])
    if kind == "truth":
        return {"what": "compare", "feature": name, "operator": "is", "value": True}
    operator = st.selectbox(
        t("rules.operator"),
        OPERATORS[kind],
        index=OPERATORS[kind].index(known.get("operator", OPERATORS[kind][0])),
        format_func=lambda value: t(f"rules.operator_{_SIGNS.get(value, value)}"),
        key=f"{key}.operator",
        label_visibility="collapsed",
        width=115,
    )
    made = {"what": "compare", "feature": name, "operator": operator}
    if kind == "text":
        texts = [value] if isinstance(value, str) else value
        return made | {"value": _words(", ".join(texts), f"{key}.texts")}
    if operator == "between":
        low, high = value if isinstance(value, list) else (value, value)
        return made | {"value": [_number(low, f"{key}.low"), _number(high, f"{key}.high")]}
    return made | {"value": _number(value[0] if isinstance(value, list) else value, f"{key}.value")}


_SIGNS = {">=": "least", "<=": "most", "=": "exactly"}


def _number(value: float, key: str) -> float:
    chosen: float = st.number_input(
        t("rules.value"), value=float(value), step=1.0, format="%g", key=key, label_visibility="collapsed", width=105
    )
    return int(chosen) if chosen == int(chosen) else chosen


def _words(text: str, key: str) -> list[str]:
    given: str = st.text_input(
        t("rules.word_entry"), text, key=key, placeholder=t("rules.word_entry"), label_visibility="collapsed", width=200
    )
    return [word.strip() for word in given.replace("，", ",").split(",") if word.strip()]
