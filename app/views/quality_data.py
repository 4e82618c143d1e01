"""What the tabs of the Quality page share: names, who is at work, choices kept in the address."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from app.i18n import t
from core.intents.annotations import TargetKind

CHART = {"displayModeBar": False}


def kept_choice(name: str, label: str, choices: Sequence[str], say: Callable[[str], str], **options: Any) -> str:
    """A choice that the address keeps under `name`; the first is the usual one."""
    asked = st.query_params.get(name, choices[0])
    chosen = st.selectbox(
        label, choices, index=choices.index(asked) if asked in choices else 0, format_func=say, **options
    )
    keep(name, str(chosen), choices[0])
    return str(chosen)


def keep(name: str, value: str, usual: str = "") -> None:
    """Keep a value in the address; the usual one takes no room there."""
    if value == usual:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = value


def choose_kind() -> TargetKind:
    """Sessions or events (?kind=)."""
    kinds: tuple[TargetKind, ...] = ("session", "event")
    asked = st.query_params.get("kind", kinds[0])
    chosen: TargetKind = st.segmented_control(
        t("quality.kind"),
        kinds,
        default=asked if asked in kinds else kinds[0],
        format_func=lambda kind: t(f"quality.kind_{kind}"),
        required=True,
        label_visibility="collapsed",
    )
    keep("kind", chosen, kinds[0])
    return chosen


def person(purpose_key: str) -> str | None:
    """Who is at work, under the name of the Label page; asked for where nobody said."""
    known: str = st.query_params.get("annotator") or st.session_state.get("annotator", "")
    if known:
        st.session_state["annotator"] = known
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
