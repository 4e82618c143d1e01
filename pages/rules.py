"""Rules: labeling functions that vote for intents, their figures, and training on what they say (?rule=)."""

from app.guard import guard
from app.views.rules import render_rules

with guard():
    render_rules()
