"""What the tabs of the Quality page share: names, who is at work, sessions or events."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.address import kept_choice
from app.i18n import t
from core.intents.annotations import TargetKind

CHART = {"displayModeBar": False}


def choose_kind() -> TargetKind:
    """Sessions or events (?kind=)."""
    kinds: tuple[TargetKind, ...] = ("session", "event")
    chosen = kept_choice("kind", t("quality.kind"), kinds, lambda kind: t(f"quality.kind_{kind}"), segmented=True)
    return "event" if chosen == "event" else "session"


def known_person() -> str | None:
    """Who is at work, under the name of the Label page (?annotator=); None where nobody said."""
    known: str = st.query_params.get("annotator") or st.session_state.get("annotator", "")
    if known:
        st.session_state["annotator"] = known
    return known or None


def person(purpose_key: str) -> str | None:
    """Who is at work; asked for where nobody said."""
    if known := known_person():
        return known
    with st.form("quality_person", border=True):
        st.markdown(t(purpose_key))
        name = st.text_input(t("label.annotator"), max_chars=60)
        if st.form_submit_button(t("quality.person_go"), type="primary") and name.strip():
            st.session_state["annotator"] = name.strip()
            st.query_params["annotator"] = name.strip()
            st.rerun()
    return None


def seconds(milliseconds: float | None) -> str:
    """A lead time in words; nothing where it is not known."""
    if milliseconds is None or milliseconds != milliseconds:
        return ""
    return t("quality.seconds", n=f"{milliseconds / 1000:.1f}")


def named(names: Mapping[str, str], intent: Any) -> str:
    """An intent in the reader's language; nothing for none."""
    return names.get(intent, intent) if isinstance(intent, str) else ""
