"""Visitor: the intent timeline of one visitor (?visitor=&session=&event=)."""

from app.guard import guard
from app.views.visitor import render_visitor

with guard():
    render_visitor()
