"""A stored event as the message that plays it again: same content and spacing, another visitor, nearer to now."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from core.collect.dialects import Dialect, Rows
from core.events.schema import EVENT_COLUMNS
from core.store.person_queries import Link
from core.store.replay_queries import REPLAY_SOURCE

REPLAY_PREFIX = "replay-"
_IDS = ("event_id", "visitor_id", "user_id", "session_id")
_KEPT = tuple(name for name in EVENT_COLUMNS if name not in (*_IDS, "occurred_at", "received_at", "source"))


class ReplayMessage(BaseModel):
    """One event by EVENT_COLUMNS."""

    model_config = ConfigDict(extra="forbid")

    event_id: str
    visitor_id: str
    user_id: str | None
    session_id: str | None
    occurred_at: datetime
    event_type: str
    content: dict[str, Any]


def _rows(message: Mapping[str, Any], received_at: datetime, sent_at: datetime | None) -> Rows:
    own = {name: value for name, value in message.items() if name != "content"}
    return [own | message["content"] | {"received_at": received_at}]


def _links(message: Mapping[str, Any]) -> Sequence[Link]:
    return ()


REPLAY = Dialect(REPLAY_SOURCE, ReplayMessage, _rows, _links)
"""What a replay speaks to the collector. Trackers' dialects would lose something: Segment's names every event, and the
model reads an event's name. From here on a replayed event goes the way of any other."""


def replay_message(event: Mapping[str, Any], name: str, shift: timedelta) -> dict[str, Any]:
    """The message of an event by EVENT_COLUMNS.

    Args:
        name: of the replay; its visitors', users', sessions' and events' ids begin with it.
        shift: added to the event's time.
    """
    ids = {key: None if event[key] is None else f"{REPLAY_PREFIX}{name}-{event[key]}" for key in _IDS}
    content = {key: event[key] for key in _KEPT if key != "event_type" and event[key] is not None}
    occurred_at = event["occurred_at"] + shift
    return ids | {"occurred_at": occurred_at, "event_type": event["event_type"], "content": content}
