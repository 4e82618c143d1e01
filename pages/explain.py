"""Explain: event × field heatmap of one prediction (?session=&event=&intent=)."""

from app.guard import guard
from app.views.explain import render_explain

with guard():
    render_explain()
