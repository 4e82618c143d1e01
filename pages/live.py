"""Live: who is on the shop now and what each is about (?minutes=&intent=&search=&order=)."""

from app.guard import guard
from app.views.live import render_live

with guard():
    render_live()
