"""The filters of the Sessions page, kept in the address."""

from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from app.address import in_address, keep, kept_choice, kept_number
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
    value = str(st.text_input(t(f"sessions.filter_{name}"), key=in_address(name, str))).strip()
    keep(name, value)
    return value or None


def _one_of(name: str, names: dict[str, str]) -> str | None:
    label = t(f"sessions.filter_{name}")
    return kept_choice(name, label, ["", *names], lambda value: names.get(value, t("sessions.any"))) or None


def _number(name: str) -> int | None:
    chosen = kept_number(name, t(f"sessions.filter_{name}"), 1, 1, _MOST_EVENTS)
    return chosen if chosen > 1 else None


def _flag(name: str) -> bool | None:
    label = t(f"sessions.filter_{name}")
    chosen = kept_choice(
        name, label, _CHOICES, lambda choice: t(f"sessions.{choice}"), segmented=True, label_visibility="visible"
    )
    return {"yes": True, "no": False}.get(chosen)


def _day(name: str) -> datetime | None:
    """A day of the address, which the Overview links to."""
    try:
        return datetime.fromisoformat(st.query_params.get(name, ""))
    except ValueError:
        return None
