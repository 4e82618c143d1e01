"""The filters of the Sessions page, kept in the address."""

from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from app.components.shared.payload import event_type_names
from app.i18n import t
from core.events.schema import EVENT_TYPES
from core.store.session_queries import SessionFilter

_CHOICES = ("any", "yes", "no")
_MOST_EVENTS = 1_000_000
_NAMES = ("session", "visitor", "query", "intent", "type", "least", "cart", "bought", "annotated", "from", "to")


def choose_filter(intents: list[dict[str, Any]]) -> SessionFilter:
    """The filter as the reader set it, or as the address says; `intents` are empty without a model."""
    with st.expander(t("sessions.filter"), icon=":material/filter_alt:", expanded=_is_set()):
        first, second, third = st.columns(3)
        with first:
            session = _text("session")
            visitor = _text("visitor")
            query = _text("query")
        with second:
            intent = _one_of("intent", {record["id"]: record["name"] for record in intents})
            kind = _one_of("type", {name: event_type_names()[name] for name in EVENT_TYPES})
            least = _number("least")
        with third:
            cart, bought, annotated = _flag("cart"), _flag("bought"), _flag("annotated")
        start, end = _day("from"), _day("to")
    return SessionFilter(
        session_id_contains=session,
        visitor_id=visitor,
        query_contains=query,
        intent=intent,
        event_type=kind,
        min_events=least,
        has_cart=cart,
        has_purchase=bought,
        annotated=annotated,
        start=start,
        end=None if end is None else end + timedelta(days=1),
    )


def asked_filter() -> dict[str, str]:
    """The filter as the address holds it, for links to pages that take the same."""
    return {name: st.query_params[name] for name in _NAMES if name in st.query_params}


def _is_set() -> bool:
    return bool(asked_filter())


def _text(name: str) -> str | None:
    value = st.text_input(t(f"sessions.filter_{name}"), value=st.query_params.get(name, "")).strip()
    return _kept(name, value)


def _one_of(name: str, names: dict[str, str]) -> str | None:
    ids = ["", *names]
    asked = st.query_params.get(name, "")
    chosen = st.selectbox(
        t(f"sessions.filter_{name}"),
        ids,
        index=ids.index(asked) if asked in ids else 0,
        format_func=lambda value: names.get(value, t("sessions.any")),
    )
    return _kept(name, chosen)


def _number(name: str) -> int | None:
    asked = st.query_params.get(name, "1")
    value = int(asked) if asked.isdigit() else 1
    chosen = st.number_input(t(f"sessions.filter_{name}"), 1, _MOST_EVENTS, value=min(max(value, 1), _MOST_EVENTS))
    return None if _kept(name, str(chosen) if chosen > 1 else "") is None else int(chosen)


def _flag(name: str) -> bool | None:
    asked = st.query_params.get(name, "any")
    chosen = st.segmented_control(
        t(f"sessions.filter_{name}"),
        _CHOICES,
        default=asked if asked in _CHOICES else "any",
        format_func=lambda choice: t(f"sessions.{choice}"),
        required=True,
    )
    return {"yes": True, "no": False}.get(_kept(name, chosen if chosen != "any" else "") or "")


def _day(name: str) -> datetime | None:
    """A day of the address, which the Overview links to."""
    try:
        return datetime.fromisoformat(st.query_params.get(name, ""))
    except ValueError:
        return None


def _kept(name: str, value: str) -> str | None:
    """The value, kept in the address; None when it filters nothing."""
    if value:
        st.query_params[name] = value
        return value
    st.query_params.pop(name, None)
    return None
