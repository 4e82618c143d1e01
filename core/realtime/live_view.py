"""What a Live page shows of the presence: the visitors it asked for, and the counts of all."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

from core.errors import InvalidQuestionError
from core.realtime.presence import FORGET_S, MINUTE_S, Presence, Visitor
from core.realtime.tally import TALLY_S

Order = Literal["seen", "changed", "events", "unsure", "here"]
ORDERS: tuple[Order, ...] = get_args(Order)
SHOWN = 200
"""Visitors a page shows at once; the search and the intents find the others."""

UNSURE = "unsure"
LEFT = "left"
STATES = (UNSURE, LEFT)
"""What visitors may be chosen by besides their intents."""

_KEYS: dict[Order, Callable[[Visitor], float]] = {
    "seen": lambda visitor: visitor.seen_s,
    "changed": lambda visitor: visitor.since_s if visitor.before is not None else 0.0,
    "events": lambda visitor: visitor.events,
    "unsure": lambda visitor: -visitor.confidence,
    "here": lambda visitor: -visitor.first_s,
}


@dataclass(frozen=True)
class Asked:
    """What a page asks for.

    minutes: who was seen so lately; intent: only those in it, or one of STATES, "" for all; search: a part of the id.

    Raises:
        InvalidQuestionError: an unknown order, or minutes out of range.
    """

    minutes: int = 5
    intent: str = ""
    search: str = ""
    order: Order = "seen"
    limit: int = SHOWN

    def __post_init__(self) -> None:
        if not 1 <= self.minutes <= FORGET_S // 60:
            raise InvalidQuestionError(f"minutes is '{self.minutes}', expected 1 to {FORGET_S // 60}.")
        if self.order not in ORDERS:
            raise InvalidQuestionError(f"order is '{self.order}', expected one of {', '.join(ORDERS)}.")
        if not 1 <= self.limit <= SHOWN:
            raise InvalidQuestionError(f"limit is '{self.limit}', expected 1 to {SHOWN}.")


@dataclass(frozen=True)
class LiveView:
    """visitors: the first of those asked for; matching: how many there are of these, active: of all in the window.

    bars: visitors by intent in each stretch of `bar_s` seconds from `first_bar_s` on; the last one is going on.
    """

    now_s: float
    active: int
    matching: int
    unsure: int
    left: int
    by_intent: dict[str, int]
    visitors: tuple[dict[str, Any], ...]
    first_bar_s: int
    bar_s: int
    bars: tuple[dict[str, int], ...]
    changes: tuple[tuple[str, str, int], ...]
    ordered_in_window: int
    left_in_window: int
    stored_in_window: int


def live_view(presence: Presence, asked: Asked) -> LiveView:
    """Look at the presence of now."""
    within_s = asked.minutes * 60
    with presence.visitors(within_s) as seen:
        active = len(seen)
        unsure = sum(visitor.abstained for visitor in seen)
        left = sum(visitor.left for visitor in seen)
        by_intent = Counter([visitor.intent for visitor in seen])
        matching = list(_matching(seen, asked))
        records = tuple([_record(visitor) for visitor in _first(matching, asked)])
    bar_s = TALLY_S if asked.minutes <= 10 else MINUTE_S
    first_bar_s, bars = presence.bars(within_s, bar_s)
    now_s = presence.now_s()
    window = presence.counts(now_s - within_s, now_s + TALLY_S)
    return LiveView(
        now_s=now_s,
        active=active,
        matching=len(matching),
        unsure=unsure,
        left=left,
        by_intent=dict(by_intent),
        visitors=records,
        first_bar_s=first_bar_s,
        bar_s=bar_s,
        bars=tuple(dict(bar) for bar in bars),
        changes=tuple((old, new, n) for (old, new), n in presence.changes(within_s).most_common()),
        ordered_in_window=window.ordered,
        left_in_window=window.left,
        stored_in_window=window.stored,
    )


def _matching(seen: list[Visitor], asked: Asked) -> Iterable[Visitor]:
    found: Iterable[Visitor] = seen
    if asked.intent == UNSURE:
        found = (visitor for visitor in found if visitor.abstained)
    elif asked.intent == LEFT:
        found = (visitor for visitor in found if visitor.left)
    elif asked.intent:
        found = (visitor for visitor in found if visitor.intent == asked.intent)
    if asked.search:
        part = asked.search.lower()
        found = (visitor for visitor in found if part in visitor.visitor_id.lower())
    return found


def _first(matching: list[Visitor], asked: Asked) -> list[Visitor]:
    if asked.order == "seen":  # the order they come in
        return matching[: asked.limit]
    return heapq.nlargest(asked.limit, matching, key=_KEYS[asked.order])


def _record(visitor: Visitor) -> dict[str, Any]:
    return {
        "id": visitor.visitor_id,
        "session": visitor.session_id,
        "intent": visitor.intent,
        "before": visitor.before,
        "confidence": round(visitor.confidence, 4),
        "unsure": visitor.abstained,
        "since": round(visitor.since_s * 1000),
        "first": round(visitor.first_s * 1000),
        "seen": round(visitor.seen_s * 1000),
        "occurred": visitor.occurred_at,
        "event": visitor.event_id,
        "type": visitor.event_type,
        "events": visitor.events,
        "cart": visitor.cart,
        "ordered": visitor.ordered,
        "left": visitor.left,
    }
