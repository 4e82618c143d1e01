"""The Collect page: connect a tracker, see what arrives, the write keys, and what was refused."""

import streamlit as st

from app.components.parts import page_header
from app.views.collect_arrivals import render_arrivals, render_status
from app.views.collect_connect import render_connect
from app.views.collect_keys import render_keys
from app.views.collect_rejected import render_rejected


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
    render_rejected()
