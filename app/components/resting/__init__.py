"""Drawing the whole page anew when something ended in the background, but never under somebody's hands.

A run of the whole page closes every open dialog and popover and forgets what was chosen in them. So whoever waits for
the background asks here instead of calling `st.rerun`: the browser answers once nothing of the kind is open.
"""

from pathlib import Path

import streamlit as st

from app.components.shared import define_component

_mount = define_component(Path(__file__).parent, ("resting.js",))


def rerun_at_rest(key: str) -> None:
    """Draw the page anew, at once where nothing is open; to be called in each run of a fragment until then.

    Arguments:
        key: names the one who waits.
    """
    if _mount(data={}, key=f"resting.{key}", on_rested_change=lambda: None).rested:
        st.rerun()
