"""Collect: connect trackers by write keys and see what arrives."""

from app.guard import guard
from app.views.collect import render_collect

with guard():
    render_collect()
