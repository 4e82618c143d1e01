"""Label: one key a session, arrow keys into its events (?queue=&session=&annotator=)."""

from app.guard import guard
from app.views.label import render_label

with guard():
    render_label()
