"""Import: files of events become cleaned, deduplicated, sessionised events."""

from app.guard import guard
from app.views.imports import render_imports

with guard():
    render_imports()
