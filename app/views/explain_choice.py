"""What to explain: a session, one of its events, one intent; all of it in the address."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.address import in_address, keep
from app.components.parts import plain, sentence, shown_table
from app.components.shared.payload import event_type_names
from app.context import context
from app.i18n import t
from app.intent_names import intent_names
from core.errors import NotFoundError
from core.events.rows import plain_rows
from core.intents.taxonomy import merged_intents
from core.store.session_queries import SessionFilter, get_session, list_sessions

SUGGESTED_SESSIONS = 12


@dataclass(frozen=True)
class Choice:
    """What is explained; `against` is None where the intent's own probability is."""

    session_id: str
    event_id: str
    intent_id: str
    visitor_id: str
    against: str | None = None

    def set_against(self, intent_id: str | None) -> "Choice":
        """The same, one intent rather than another."""
        return replace(self, against=intent_id)


def choose_session(place: DeltaGenerator) -> str | None:
    """The session of the address or of the box in `place`; without one, some sessions to choose from."""
    asked = st.query_params.get("session", "")
    key = in_address("session", str)
    typed: str = place.text_input(t("explain.session"), help=t("explain.session_help"), key=key).strip()
    keep("session", typed)
    if typed != asked:
        _set(session=typed, event=None)
    if typed and _exists(typed):
        return typed
    st.subheader(t("explain.no_session"))
    st.caption(t("explain.no_session_body"))
    _suggest()
    return None


def choose_event(place: DeltaGenerator, events: pd.DataFrame) -> str:
    """The event of the address, or the session's last one; chosen in `place`."""
    event_ids = events["event_id"].tolist()
    asked = st.query_params.get("event")
    if asked and asked not in event_ids:
        st.info(t("explain.unknown_event", event=plain(asked)))
    key = in_address("event", lambda said: said if said in event_ids else event_ids[-1])
    if st.session_state[key] not in event_ids:
        st.session_state[key] = event_ids[-1]
    words = _event_words(events)
    chosen = str(place.selectbox(t("explain.event"), event_ids, format_func=lambda one: words[one], key=key))
    keep("event", chosen)
    return chosen


def choose_intent(
    model_intents: Sequence[str],
    probabilities: Callable[[], list[float]],
    session_id: str,
    event_id: str,
    visitor_id: str,
) -> Choice:
    """The intent of the address, or the likeliest; each choice shows its probability."""
    scores = dict(zip(model_intents, probabilities(), strict=True))
    asked = st.query_params.get("intent")
    if asked and asked not in scores:  # a link from before two intents became one
        asked = merged_intents(context().warehouse).get(asked, asked)
    if asked and asked not in scores:
        st.info(t("explain.unknown_intent", intent=plain(asked)))
    chosen = asked if asked in scores else max(scores, key=lambda intent: scores[intent])
    names = intent_names()
    picked = st.segmented_control(
        t("explain.intent"),
        list(model_intents),
        default=chosen,
        format_func=lambda intent: f"{names.get(intent, intent)} {scores[intent]:.0%}",
        key=f"intent.{event_id}",
        required=True,
        wrap=True,
    )
    intent_id = str(picked)
    if intent_id != st.query_params.get("intent"):
        _set(intent=intent_id)
    return Choice(session_id, event_id, intent_id, visitor_id)


def _exists(session_id: str) -> bool:
    try:
        get_session(context().warehouse, session_id)
    except NotFoundError as error:
        st.warning(sentence(str(error)))
        return False
    return True


def _suggest() -> None:
    found = list_sessions(context().warehouse, SessionFilter(min_events=3), limit=SUGGESTED_SESSIONS)
    columns = ["session_id", "started_at", "event_count", "first_query", "has_purchase"]
    names = ("session", "started", "events", "query", "purchase")
    chosen = shown_table(
        found[columns],
        column_config={column: t(f"explain.column_{name}") for column, name in zip(columns, names, strict=True)},
        on_select="rerun",
        selection_mode="single-row",
        key="explain_sessions",
    )
    if chosen.selection.rows:
        _set(session=str(found["session_id"].iloc[chosen.selection.rows[0]]), event=None)
        st.rerun()


def _event_words(events: pd.DataFrame) -> dict[str, str]:
    types = event_type_names()
    words: dict[str, str] = {}
    for number, row in enumerate(plain_rows(events), start=1):
        subject = row["query"] or row["title"] or row["text"]
        time, kind = f"{row['occurred_at']:%H:%M:%S}", types[row["event_type"]]
        head = t("explain.event_words", n=number, time=time, type=kind)
        words[row["event_id"]] = f"{head} · {subject}" if subject else head
    return words


def _set(**values: str | None) -> None:
    """Put values into the address; None takes one away."""
    for name, value in values.items():
        if value:
            st.query_params[name] = value
        elif name in st.query_params:
            del st.query_params[name]
