"""What the tabs of the Quality page share: names, who is at work, choices kept in the address."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from app.i18n import t
from core.intents.annotations import TargetKind

CHART = {"displayModeBar": False}


def in_address(name: str, read: Callable[[str], Any]) -> str:
    """The key of a widget whose value the address keeps under `name`.

    The address decides where it changed since it was last looked at (a link, the first visit); else the widget does,
    since a widget that is drawn with another default than before would lose what was chosen meanwhile.

    Args:
        read: the widget's value for what the address says, "" where it says nothing.
    """
    key, said = f"quality.{name}", st.query_params.get(name, "")
    if key not in st.session_state or st.session_state.get(f"{key}.seen") != said:
        st.session_state[key] = read(said)
        st.session_state[f"{key}.seen"] = said
    return key


def keep(name: str, value: str, usual: str = "") -> None:
    """Keep a value in the address; the usual one takes no room there."""
    if value == usual:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = value
    st.session_state[f"quality.{name}.seen"] = st.query_params.get(name, "")


def kept_choice(
    name: str, label: str, choices: Sequence[str], say: Callable[[str], str], *, segmented: bool = False, **options: Any
) -> str:
    """A choice that the address keeps under `name`; the first is the usual one."""
    key = in_address(name, lambda said: said if said in choices else choices[0])
    if st.session_state[key] not in choices:
        st.session_state[key] = choices[0]
    if segmented:
        options |= {"required": True, "label_visibility": "collapsed"}
    widget = st.segmented_control if segmented else st.selectbox
    chosen = str(widget(label, choices, format_func=say, key=key, **options))
    keep(name, chosen, choices[0])
    return chosen


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
