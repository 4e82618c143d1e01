"""The filter of the history, kept in the address."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import cast

import streamlit as st

from app.address import in_address, keep, kept_choice
from app.context import context
from app.i18n import t
from core.intents.annotations import STATUSES, Status
from core.intents.history import HistoryFilter, list_annotators

_NAMES = ("by", "intent", "status", "stands", "session", "from", "to")
_STANDS: dict[str, bool | None] = {"": None, "yes": True, "no": False}


def choose_filter(names: Mapping[str, str]) -> HistoryFilter:
    """The filter as the reader set it, or as the address says; `names`: intents in the reader's language."""
    is_set = any(name in st.query_params for name in _NAMES)
    with st.expander(t("quality.filter"), icon=":material/filter_alt:", expanded=is_set):
        first, second, third = st.columns(3)
        with first:
            by = _choice("by", list_annotators(context().warehouse), str)
            session = str(st.text_input(t("quality.filter_session"), key=in_address("session", str))).strip()
            keep("session", session)
        with second:
            intent = _choice("intent", list(names), lambda one: names[one])
            status = _choice("status", list(STATUSES), lambda one: t(f"quality.status_{one}"))
        with third:
            stands = _choice("stands", ["yes", "no"], lambda one: t(f"quality.stands_{one}"))
            left, right = st.columns(2)
            with left:
                start = _day("from")
            with right:
                end = _day("to")
    return HistoryFilter(
        annotator=by,
        intent=intent,
        status=cast("Status | None", status),
        session_contains=session or None,
        current=_STANDS[stands or ""],
        start=start,
        end=None if end is None else end + timedelta(days=1),
    )


def _choice(name: str, choices: list[str], say: Callable[[str], str]) -> str | None:
    chosen = kept_choice(
        name, t(f"quality.filter_{name}"), ["", *choices], lambda one: say(one) if one else t("quality.any")
    )
    return chosen or None


def _day(name: str) -> datetime | None:
    key = in_address(name, _date)
    chosen: date | None = st.date_input(t(f"quality.filter_{name}"), value=None, format="YYYY-MM-DD", key=key)
    keep(name, chosen.isoformat() if chosen else "")
    return None if chosen is None else datetime.combine(chosen, time())


def _date(said: str) -> date | None:
    try:
        return date.fromisoformat(said)
    except ValueError:
        return None
