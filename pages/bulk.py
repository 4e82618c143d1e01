"""Map: choose many sessions by map, likeness, filter or SQL, and label them all at once."""

from app.guard import guard
from app.views.bulk import render_bulk

with guard():
    render_bulk()
