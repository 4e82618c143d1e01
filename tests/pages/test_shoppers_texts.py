"""What shoppers and trackers give stays text on the pages: no picture of another server, no link is made of it."""

import re
from datetime import datetime

from app.views.explain_inside import _name
from app.views.quality_people import flag_words
from app.views.rules_preview import _words
from core.intents.annotators import Flag

ODD = "![x](http://y/z.png) [a](http://y) $1$ :red[b]"
_MADE = re.compile(r"(?<!\\)[\[\]$]")


def test_the_words_of_an_event_a_session_and_an_annotator_hold_no_markdown() -> None:
    event = {"occurred_at": datetime(2026, 5, 4, 10), "event_type": "search", "query": ODD, "title": None, "text": None}
    assert not _MADE.search(_name(event))
    row = {"session_id": ODD, "event_count": 1, "first_query": ODD, "answer": None}
    assert not _MADE.search(_words(row, {}))
    assert not _MADE.search(flag_words(Flag(ODD, "too_fast", 300.0, 20), {}))
