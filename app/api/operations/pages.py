"""What the Live page and the timeline ask; programs may too."""

from app.api.live import ACKNOWLEDGE_URL, LIVE_URL, REPLAY_URL, Acknowledgement, ReplayOrder
from app.api.messages import ScoresQuestion, TimelineQuestion
from app.api.operations.answers import Acknowledged, LiveBody, ReplayBody, TimelineEvents, TimelineScores
from app.api.operations.operation import OF_BODY, Answer, Operation, Parameter, problems
from app.api.timeline import EVENTS_URL, SCORES_URL
from core.realtime.live_view import ORDERS, SHOWN
from core.realtime.presence import FORGET_S

_MOST_MINUTES = FORGET_S // 60
_PLAYED = {
    "state": "running",
    "name": "a1b2c3",
    "speed": 60.0,
    "total": 2400,
    "sent": 600,
    "refused": 0,
    "progress": 0.25,
    "at": "2026-05-04T10:00:00Z",
    "behind_s": 0.0,
    "error": None,
}
_LIVE = {
    "now_s": 1777888800.0,
    "active": 1,
    "matching": 1,
    "unsure": 0,
    "left": 0,
    "by_intent": {"purchase": 1},
    "visitors": [{"id": "v-1", "intent": "purchase", "words": "Walking shoes"}],
    "first_bar_s": 1777888500,
    "bar_s": 10,
    "bars": [{"purchase": 1}],
    "changes": [["browse", "purchase", 1]],
    "ordered_in_window": 0,
    "left_in_window": 0,
    "stored_in_window": 4,
    "watching_since": 1777888000000,
    "pushed_out": 0,
    "model": "ready",
    "alarms": [],
    "found": [],
    "replay": _PLAYED | {"state": "idle"},
}
_EVENTS = {
    "events": {"event_id": ["m-1"], "t": [1777888800000], "type": ["view"]},
    "count": 1,
    "annotations": [],
    "earlier": False,
    "later": False,
}
_SCORES = {"event_ids": ["m-1"], "values": [7000, 3000], "changes": [], "scored_now": False}


def _number(name: str, words: str, most: int, example: int) -> Parameter:
    return Parameter(name, "query", words, {"type": "integer", "minimum": 1, "maximum": most}, example)


_WATCHED = (
    _number("minutes", "Visitors seen in so many minutes.", _MOST_MINUTES, 5),
    Parameter("intent", "query", "Only those in it, or `unsure` or `left`.", {"type": "string"}, "purchase"),
    Parameter("search", "query", "A part of the visitor's id.", {"type": "string", "maxLength": 1000}, "v-"),
    Parameter("order", "query", "Which come first.", {"type": "string", "enum": list(ORDERS)}, "seen"),
    _number("limit", "Visitors told at most.", SHOWN, 20),
)

PAGES = (
    Operation(
        method="get",
        paths={LIVE_URL: "live"},
        tag="Watch",
        access="page",
        summary="Who is on the shop now, with intents, counts, alarms and the replay",
        parameters=_WATCHED,
        answers={200: Answer("As of now.", LiveBody, _LIVE)} | problems(400, 401, 403),
    ),
    Operation(
        method="post",
        paths={ACKNOWLEDGE_URL: "acknowledgeAlarm"},
        tag="Watch",
        access="page",
        summary="An alarm was seen",
        body=Acknowledgement,
        examples={"alarm": {"alarm_id": "alarm-1"}},
        answers={200: Answer("It is noted.", Acknowledged, {"acknowledged": "alarm-1"})}
        | OF_BODY
        | problems(403, 404, 503),
    ),
    Operation(
        method="post",
        paths={REPLAY_URL: "replay"},
        tag="Watch",
        access="page",
        summary="Start, stop or remove a replay through the collector",
        words="speed 0 is as fast as possible; one replay goes on at a time.",
        body=ReplayOrder,
        examples={"stop": {"action": "stop"}},
        answers={200: Answer("How far it is.", ReplayBody, _PLAYED)} | OF_BODY | problems(403, 503),
    ),
    Operation(
        method="post",
        paths={EVENTS_URL: "timelineEvents"},
        tag="Ask",
        access="page",
        summary="A window of a visitor's events with their labels",
        body=TimelineQuestion,
        examples={"newest": {"visitor_id": "v-1", "limit": 100}},
        answers={200: Answer("Columns by name; one without a value is left out.", TimelineEvents, _EVENTS)}
        | OF_BODY
        | problems(403, 404),
    ),
    Operation(
        method="post",
        paths={SCORES_URL: "timelineScores"},
        tag="Ask",
        access="page",
        summary="A model's probabilities at the events of such a window",
        body=ScoresQuestion,
        examples={
            "window": {
                "visitor_id": "v-1",
                "model_id": "m-20260504-1000",
                "intents": ["browse", "purchase"],
                "from_ms": 1777888800000,
                "to_ms": 1777889800000,
                "events": 100,
            }
        },
        answers={200: Answer("In the order of the intents asked for.", TimelineScores, _SCORES)}
        | OF_BODY
        | problems(403, 404, 503),
    ),
)
