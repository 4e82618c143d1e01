"""Evaluate: how good a model is on labels it had not seen (?model=&against=&answer=&guess=)."""

from app.guard import guard
from app.views.evaluate import render_evaluate

with guard():
    render_evaluate()
