"""Intents: the taxonomy and its guidelines, edited without losing a label, and their history (?tab=, ?intent=)."""

from app.guard import guard
from app.views.taxonomy import render_taxonomy

with guard():
    render_taxonomy()
