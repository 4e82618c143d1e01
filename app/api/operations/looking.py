"""What the Live page and the timeline of the Visitor page ask; programs may too, and `intentlens replay` does."""

from typing import Any

from app.api.live import ACKNOWLEDGE_URL, LIVE_URL, REPLAY_URL, Acknowledgement, ReplayOrder
from app.api.messages import ScoresQuestion, TimelineQuestion
from app.api.operations.operation import OF_BODY, Answer, Operation, Parameter, problems
from app.api.operations.page_answers import AcknowledgedAlarm, Presence, ReplayAnswer, TimelineEvents, TimelineScores
from app.api.timeline import EVENTS_URL, SCORES_URL
from core.realtime.live_view import ORDERS, SHOWN, STATES
from core.realtime.presence import FORGET_S

_REPLAY: dict[str, Any] = {
    "state": "running",
    "name": "1f0c9a",
    "speed": 60.0,
    "total": 68120,
    "sent": 500,
    "refused": 0,
    "progress": 0.0073,
    "at": "2026-05-04T10:00:00Z",
    "behind_s": 0.0,
    "error": None,
}
_VISITOR = {
    "id": "v-1",
    "session": "v-1:1",
    "intent": "purchase",
    "before": "browse",
    "confidence": 0.71,
    "unsure": False,
    "since": 1777888800000,
    "first": 1777888500000,
    "seen": 1777888860000,
    "occurred": "2026-05-04T10:00:59.500000+00:00",
    "event": "m-12",
    "type": "checkout",
    "words": "Walking shoes",
    "events": 12,
    "cart": 1,
    "ordered": False,
    "left": False,
}
_FOUND = {
    "rule": "support",
    "value": 0.2,
    "base": 0.05,
    "count": 20,
    "n": 100,
    "base_count": 30,
    "base_n": 600,
    "chance": 1e-6,
    "over": True,
}
_ALARM = {
    "alarm_id": "alarm-1f0c9a7be2d4",
    "rule": "support",
    "began_at": "2026-05-04T10:00:00+00:00",
    "ended_at": None,
    "ending": None,
    "numbers": _FOUND,
    "acknowledged_at": None,
}
_PRESENCE = {
    "now_s": 1777888861.2,
    "active": 1,
    "matching": 1,
    "unsure": 0,
    "left": 0,
    "by_intent": {"purchase": 1},
    "visitors": [_VISITOR],
    "first_bar_s": 1777888850,
    "bar_s": 10,
    "bars": [{"browse": 1}, {"purchase": 1}],
    "changes": [["browse", "purchase", 1]],
    "ordered_in_window": 0,
    "left_in_window": 0,
    "stored_in_window": 12,
    "watching_since": 1777880000000,
    "pushed_out": 0,
    "model": "ready",
    "alarms": [_ALARM],
    "found": [_FOUND],
    "replay": _REPLAY,
}
_COLUMNS = {
    "event_id": ["m-1", "m-2"],
    "session_id": ["v-1:1", "v-1:1"],
    "t": [1777888800000, 1777888860000],
    "type": ["search", "add_to_cart"],
    "query": ["shoes", None],
    "price": [None, 59.9],
    "currency": [None, "EUR"],
    "cart_value": [0, 59.9],
}
_LABEL = {
    "session_id": "v-1:1",
    "event_id": None,
    "intent": "purchase",
    "annotator": "mei",
    "status": "submitted",
    "note": None,
    "created_at": 1777890000000,
}
_EVENTS = {"events": _COLUMNS, "count": 2, "annotations": [_LABEL], "earlier": True, "later": False}
_WINDOW = {"from_ms": 1777888800000, "to_ms": 1777888860000, "events": 2}
_WANTED = {"visitor_id": "v-1", "model_id": "m-20260504-1000", "intents": ["purchase", "browse"]}
_SCORES = {
    "event_ids": ["m-1", "m-2"],
    "values": [2100, 7900, 7100, 2900],
    "changes": [["m-2", "browse", "purchase"]],
    "scored_now": False,
}
_MINUTES = {"type": "integer", "minimum": 1, "maximum": FORGET_S // 60, "default": 5}
_FIRST = {"type": "integer", "minimum": 1, "maximum": SHOWN, "default": SHOWN}
_PAGE = OF_BODY | problems(403)

LOOKING = (
    Operation(
        method="get",
        paths={LIVE_URL: "getPresence"},
        tag="Look",
        access="page",
        summary="Who is on the shop now, alarms, and how far a replay is",
        parameters=(
            Parameter("minutes", "query", "Who was seen in so many.", _MINUTES, 5),
            Parameter(
                "intent",
                "query",
                f"Only visitors in this intent, or {' or '.join(STATES)}.",
                {"type": "string"},
                "purchase",
            ),
            Parameter("search", "query", "A part of the visitor's id.", {"type": "string", "maxLength": 1000}, "v-"),
            Parameter(
                "order", "query", "Who comes first.", {"type": "string", "enum": list(ORDERS), "default": "seen"}
            ),
            Parameter("limit", "query", "How many visitors.", _FIRST),
        ),
        answers={200: Answer("As it is now.", Presence, _PRESENCE)} | problems(400, 401, 403, 503),
    ),
    Operation(
        method="post",
        paths={ACKNOWLEDGE_URL: "acknowledgeAlarm"},
        tag="Look",
        access="page",
        summary="Say that an alarm was seen",
        words="Its first time is kept; again changes nothing.",
        body=Acknowledgement,
        examples={"alarm": {"alarm_id": "alarm-1f0c9a7be2d4"}},
        answers={200: Answer("Kept.", AcknowledgedAlarm, {"acknowledged": "alarm-1f0c9a7be2d4"})}
        | _PAGE
        | problems(404, 503),
    ),
    Operation(
        method="post",
        paths={REPLAY_URL: "replay"},
        tag="Look",
        access="page",
        summary="Start, stop or remove a replay of stored events",
        words=(
            "A replay plays the sample shop, all stored events or one import through the collector, with visitors and "
            "events of its own, one replay at a time. speed 1 is real time, 60 an hour a minute, 0 as fast as the disk "
            "allows. remove takes away all that replays brought."
        ),
        body=ReplayOrder,
        examples={
            "stop": {"action": "stop"},
            "start": {"action": "start", "source": "sample", "speed": 60, "end": "2026-08-25T00:00:00Z"},
        },
        answers={200: Answer("How far it is.", ReplayAnswer, _REPLAY)} | _PAGE | problems(503),
    ),
    Operation(
        method="post",
        paths={EVENTS_URL: "getTimelineEvents"},
        tag="Look",
        access="page",
        summary="A window of a visitor's events, with their labels",
        words=(
            "Those before or after an event, else those about an event, a moment or the beginning of a session, "
            "whichever is named first; else the newest."
        ),
        body=TimelineQuestion,
        examples={
            "newest": {"visitor_id": "v-1", "limit": 2},
            "person": {"visitor_id": "v-1", "person": True},
            "before": {"visitor_id": "v-1", "before": "m-1"},
            "moment": {"visitor_id": "v-1", "at_ms": 1777888800000},
        },
        answers={200: Answer("The events by column.", TimelineEvents, _EVENTS)} | _PAGE | problems(503),
    ),
    Operation(
        method="post",
        paths={SCORES_URL: "getTimelineScores"},
        tag="Look",
        access="page",
        summary="A model's probabilities in such a window",
        words="As stored, else computed; waits for the model to be loaded.",
        body=ScoresQuestion,
        examples={"window": _WANTED | _WINDOW},
        answers={200: Answer("Event by event.", TimelineScores, _SCORES)} | _PAGE | problems(404, 503),
    ),
)
