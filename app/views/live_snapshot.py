"""What an open Live page is told each second: visitors with the words of their last event, counts, alarms, replay."""

import threading
from collections import OrderedDict
from dataclasses import asdict, fields
from typing import Any

from app.context import AppContext
from core.realtime.alarms import Alarms
from core.realtime.live_view import Asked, live_view
from core.realtime.replay import ReplayStatus
from core.store.alarm_queries import AlarmRow
from core.store.event_queries import event_subjects

WORDS_KEPT = 5000

_words: OrderedDict[str, str] = OrderedDict()
"""What an event was about, by event_id, for the visitors that pages show again and again."""
_words_lock = threading.Lock()


def live_snapshot(app_context: AppContext, asked: Asked) -> dict[str, Any]:
    """Everything a page shows, as JSON values and naive UTC times."""
    view = live_view(app_context.presence, asked)
    words = event_words(app_context, [visitor["event"] for visitor in view.visitors])
    visitors = [visitor | {"words": words.get(visitor["event"], "")} for visitor in view.visitors]
    return {field.name: getattr(view, field.name) for field in fields(view)} | {
        "visitors": visitors,
        "watching_since": round(app_context.presence.began_s * 1000),
        "pushed_out": app_context.presence.pushed_out,
        "model": app_context.models.state(),
        "alarms": [alarm_record(row) for row in app_context.alarms.recent],
        "found": _found(app_context.alarms),
        "replay": replay_record(app_context.replays.status),
    }


def event_words(app_context: AppContext, event_ids: list[str]) -> dict[str, str]:
    """What these events were about: the query, else the item's title, else the text; those without are left out."""
    with _words_lock:
        told = {event_id: _words[event_id] for event_id in event_ids if event_id in _words}
    unknown = [event_id for event_id in event_ids if event_id not in told]
    if unknown:
        found = event_subjects(app_context.warehouse, unknown)
        told |= {event_id: found.get(event_id, "") for event_id in unknown}
        with _words_lock:
            _words.update((event_id, told[event_id]) for event_id in unknown)
            while len(_words) > WORDS_KEPT:
                _words.popitem(last=False)
    return told


def alarm_record(row: AlarmRow) -> dict[str, Any]:
    """An alarm as pages and programs read it."""
    return asdict(row)


def replay_record(status: ReplayStatus) -> dict[str, Any]:
    """How far a replay is."""
    return {
        "state": status.state,
        "name": status.name,
        "speed": status.speed,
        "total": status.total,
        "sent": status.sent,
        "refused": status.refused,
        "progress": round(status.progress, 4),
        "at": None if status.at is None else f"{status.at.isoformat()}Z",
        "behind_s": status.behind_s,
        "error": status.error,
    }


def _found(alarms: Alarms) -> list[dict[str, Any]]:
    return [finding.as_json() for finding in alarms.found.values()]
