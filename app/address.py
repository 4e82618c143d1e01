"""Choices that the page's address keeps, so that every view can be linked to."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx


def in_address(name: str, read: Callable[[str], Any], usual: str = "") -> str:
    """The key of a widget whose value the address keeps under `name`.

    The address decides where it changed since it was last looked at (a link, the first visit), and on every other page
    anew, since Streamlit forgets a widget with the page that drew it; else the widget does,
    since a widget that is drawn with another default than before would lose what was chosen meanwhile.

    Args:
        read: the widget's value for what the address says, "" where it says nothing.
        usual: what nothing stands for; where that changes, it counts as a change of the address.
    """
    key, said = f"address.{name}", _said(name, usual)
    if key not in st.session_state or st.session_state.get(f"{key}.seen") != said:
        st.session_state[key] = read(said[0])
        st.session_state[f"{key}.seen"] = said
    return key


def keep(name: str, value: str, usual: str = "") -> None:
    """Keep a value in the address; the usual one takes no room there."""
    if value == usual:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != value:
        st.query_params[name] = value
    st.session_state[f"address.{name}.seen"] = _said(name, usual)


def _said(name: str, usual: str) -> tuple[str, str, str]:
    """What the address says, what nothing stands for, and on which page."""
    run = get_script_run_ctx(suppress_warning=True)
    return st.query_params.get(name, ""), usual, run.page_script_hash if run is not None else ""


def kept_choice(
    name: str,
    label: str,
    choices: Sequence[str],
    say: Callable[[str], str],
    *,
    usual: str | None = None,
    segmented: bool = False,
    place: Any = st,
    **options: Any,
) -> str:
    """A choice that the address keeps under `name`; the first is the usual one unless told."""
    usual = choices[0] if usual is None else usual
    key = in_address(name, lambda said: said if said in choices else usual, usual)
    if st.session_state[key] not in choices:
        st.session_state[key] = usual
    if segmented:
        options = {"required": True, "label_visibility": "collapsed", "wrap": True} | options
    widget = place.segmented_control if segmented else place.selectbox
    chosen = str(widget(label, choices, format_func=say, key=key, **options))
    keep(name, chosen, usual)
    return chosen


def kept_number(name: str, label: str, usual: int, least: int, most: int, **options: Any) -> int:
    """A whole number that the address keeps under `name`."""
    key = in_address(name, lambda said: int(said) if said.isdecimal() and len(said) < 10 else usual, str(usual))
    st.session_state[key] = min(max(st.session_state[key], least), most)
    number = int(st.number_input(label, least, most, key=key, **options))
    keep(name, str(number), str(usual))
    return number
