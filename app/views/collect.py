"""The Collect page: connect a tracker, see what arrives, the write keys, and what was refused or not stored."""

import streamlit as st

from app.components.parts import page_header
from app.views.collect_arrivals import render_arrivals, render_status
from app.views.collect_connect import render_connect
from app.views.collect_keys import render_keys
from app.views.collect_rejected import render_rejected
from app.views.collect_set_aside import render_set_aside


def render_collect() -> None:
    """Draw the page."""
    page_header("collect.title", "collect.help")
    render_status()
    left, right = st.columns(2, gap="large")
    with left:
        render_connect()
    with right:
        render_arrivals()
    render_keys()
    render_set_aside()
    render_rejected()
