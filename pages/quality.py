"""Quality: how far annotators agree, disputes, suspects, people, history (?tab=&kind=)."""

from app.guard import guard
from app.views.quality import render_quality

with guard():
    render_quality()
