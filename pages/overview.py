"""Overview: how much happened, what came of it, and what people wanted (?from=&to=&bucket=)."""

from app.guard import guard
from app.views.overview import render_overview

with guard():
    render_overview()
