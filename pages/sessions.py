"""Sessions: find the ones that matter and open them (filters are in the address)."""

from app.guard import guard
from app.views.sessions import render_sessions

with guard():
    render_sessions()
