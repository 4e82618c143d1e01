"""What if: edit a session and see what the model would have thought (?session=&event=&edits=&intent=)."""

from app.guard import guard
from app.views.what_if import render_what_if

with guard():
    render_what_if()
