"""The first predictions of a model that was just loaded, before anybody waits for one."""

from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd

from core.events.schema import EVENT_COLUMNS, ITEM_COLUMNS

if TYPE_CHECKING:
    from core.model.scorer import SessionScorer

_AT = datetime(2026, 1, 1)
_EVENT = {"event_id": "warm-up", "occurred_at": _AT, "received_at": _AT, "visitor_id": "warm-up", "event_type": "view"}


def warm_up(scorer: "SessionScorer") -> None:
    """Score one event as a whole stream and as a step: both build what they keep at their first use."""
    event = pd.DataFrame([_EVENT]).reindex(columns=list(EVENT_COLUMNS)).astype({"properties": "object"})
    scorer.score(event, pd.DataFrame(columns=list(ITEM_COLUMNS)))
    scorer.step(scorer.start(), _EVENT)
