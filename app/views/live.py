"""The Live page: who is on the shop now, what each is about, alarms, and a replay to see it all without a shop."""

from typing import Any

import streamlit as st

from app.address import keep
from app.api.live import ACKNOWLEDGE_URL, LIVE_URL
from app.components.live import live
from app.components.parts import page_header
from app.components.shared.payload import component_texts, event_type_names, intent_records, locale
from app.context import context
from app.guard import guard
from app.navigation import FOLDER
from app.page_token import page_token
from app.views.live_alarms import render_alarms
from app.views.live_help import render_sending, render_words
from app.views.live_replay import render_replay
from core.intents.taxonomy import load_taxonomy
from core.realtime.live_view import ORDERS, Asked

WINDOWS = (1, 5, 10, 30)
USUAL = {"minutes": "5", "intent": "", "search": "", "order": "seen"}
KEY = "live"


def render_live() -> None:
    """Draw the page."""
    page_header("live.title", "live.help")
    _list()
    render_replay()
    render_sending()
    render_alarms()
    render_words()


@st.fragment  # type: ignore[untyped-decorator]
def _list() -> None:
    """The list; it runs alone when something else is asked for."""

    def on_asked() -> None:
        for name, value in (st.session_state[KEY].asked or {}).items():
            if name in USUAL:
                keep(name, str(value), USUAL[name])

    with guard():
        opened = live(_data(), key=KEY, on_asked=on_asked, on_go=lambda: None).go
        if opened:
            st.switch_page(FOLDER / "visitor.py", query_params={"visitor": str(opened["visitor"])})


def _data() -> dict[str, Any]:
    return {
        "language": locale(),
        "texts": component_texts("live"),
        "types": event_type_names(),
        "intents": intent_records(load_taxonomy(context().warehouse)),
        "asked": asked_in_address(st.query_params),
        "orders": ORDERS,
        "windows": WINDOWS,
        "post": {"url": LIVE_URL, "acknowledge": ACKNOWLEDGE_URL, "token": page_token()},
    }


def asked_in_address(query: Any) -> dict[str, Any]:
    """What the address asks for; what cannot be is left as usual."""
    minutes, order = query.get("minutes", ""), query.get("order", "")
    asked = Asked(
        minutes=int(minutes) if minutes in map(str, WINDOWS) else int(USUAL["minutes"]),
        intent=query.get("intent", ""),
        search=query.get("search", ""),
        order=order if order in ORDERS else ORDERS[0],
    )
    return {"minutes": asked.minutes, "intent": asked.intent, "search": asked.search, "order": asked.order}
