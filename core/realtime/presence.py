"""Who is on the shop now, and what each is about: a state machine fed by the updates of every shopper's intent.

Time is when an update arrived, not when its event occurred: a late or replayed event is news of now. Both are kept.

Words used here, in the app's help and in the README:
    present: an event arrived in the last `leave_after_s`; silent: later ones were, and are forgotten after FORGET_S.
    about to buy: the visitor's last intent is one of `buying`, or something is in the cart, and no order followed.
    left: about to buy, then silent for `leave_after_s` without an order; counted once a visit, in the tally of the
        moment when the silence became that long. Who comes back later is present again, and the count stands.
    ordered: an event of type purchase by a visitor, counted each time.
    visit: from a visitor's first event here until he is forgotten or pushed out by MOST_VISITORS others.
"""

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from core.clock import Clock, utc_now
from core.events.schema import EventType
from core.realtime.intent_update import IntentUpdate
from core.realtime.tally import TALLY_S, Counts, Tallies, Tally, count

MOST_VISITORS = 10_000
FORGET_S = 30 * 60
LEAVE_AFTER_S = 5 * 60
MINUTE_S = 60
MINUTES_KEPT = 130


@dataclass(slots=True)
class Visitor:
    """A visitor's state; `_s` are epoch seconds of arrival, `occurred_at` is the last event's own time (naive UTC).

    since_s: when the present intent began; before: the intent until then, None where it is the visit's first.
    newest: the latest of the visitor's events that was told (occurred_at, event_id), which a late one is not.
    events: those of the session as far as they were seen here; cart: added less removed, never below 0.
    ordered: nothing was put into the cart since the last order; left: he is counted as left, and not back.
    """

    visitor_id: str
    session_id: str | None
    intent: str
    confidence: float
    abstained: bool
    since_s: float
    first_s: float
    seen_s: float
    event_id: str
    event_type: str
    occurred_at: datetime
    model_version: str
    sequence: int
    newest: tuple[datetime, str]
    before: str | None = None
    events: int = 1
    cart: int = 0
    ordered: bool = False
    left: bool = False
    counted_as_left: bool = False
    been: set[str] = field(default_factory=set)


class Presence:
    """One per server. Thread-safe; memory is bounded by MOST_VISITORS and the tallies kept."""

    def __init__(self, clock: Clock = utc_now, *, most: int = MOST_VISITORS) -> None:
        self._clock = clock
        self._most = most
        self._lock = threading.Lock()
        self._present: OrderedDict[str, Visitor] = OrderedDict()  # both by when they were seen, oldest first
        self._silent: OrderedDict[str, Visitor] = OrderedDict()
        self._tallies = Tallies()
        self._minutes = Tallies(MINUTE_S, MINUTES_KEPT)
        self._leave_after_s = float(LEAVE_AFTER_S)
        self._buying = frozenset({"purchase"})
        self._now_s = 0.0
        self._began_s = seconds_of(clock())
        self.pushed_out = 0

    @property
    def began_s(self) -> float:
        """Since when it watches."""
        return self._began_s

    def configure(self, *, leave_after_s: float, buying: Iterable[str]) -> None:
        """Say how long a silence is a leave, and which intents are about to buy."""
        with self._lock:
            self._leave_after_s, self._buying = leave_after_s, frozenset(buying)

    def on_stored(self, events: int) -> None:
        """So many events were committed."""
        with self._lock:
            self._tallies.at(self._tick()).stored += events

    def on_updates(self, updates: Sequence[IntentUpdate]) -> None:
        """Take a group of updates; to be given to `Updates.listen`."""
        with self._lock:
            now_s = self._tick()
            self._sweep(now_s)
            tally, minute = self._tallies.at(now_s), self._minutes.at(now_s)
            tally.updates += len(updates)
            for update in updates:
                self._take(update, now_s, tally, minute)
            while len(self._present) + len(self._silent) > self._most:
                (self._silent or self._present).popitem(last=False)
                self.pushed_out += 1

    def forget(self, prefix: str) -> int:
        """Forget the visitors whose id begins like this; the tallies stay. Returns how many."""
        with self._lock:
            found = [(some, key) for some in (self._present, self._silent) for key in some if key.startswith(prefix)]
            for some, key in found:
                del some[key]
            return len(found)

    def now_s(self) -> float:
        """This moment in epoch seconds; never earlier than one told before."""
        with self._lock:
            return self._tick()

    @contextmanager
    def visitors(self, within_s: float) -> Iterator[list[Visitor]]:
        """Those seen in the last `within_s` seconds (FORGET_S at most), the last one first.

        Nothing changes while they are looked at, so look quickly, copy, and ask nothing else of the presence meanwhile.
        """
        with self._lock:
            now_s = self._tick()
            self._sweep(now_s)
            yield list(self._seen_since(now_s - within_s))

    def present(self) -> tuple[int, int]:
        """How many are present, and of how many of these the model is unsure."""
        with self._lock:
            self._sweep(self._tick())
            return len(self._present), sum(visitor.abstained for visitor in self._present.values())

    def counts(self, start_s: float, end_s: float) -> Counts:
        """What was counted in the tallies of [start_s, end_s)."""
        with self._lock:
            self._sweep(self._tick())
            return count(self._tallies, start_s, end_s)

    def bars(self, within_s: float, length_s: int) -> tuple[int, list[Counter[str]]]:
        """Visitors by intent in each stretch of the last `within_s` seconds, oldest first, and when the first began.

        Args:
            length_s: TALLY_S or MINUTE_S; the last stretch is still going on.
        """
        tallies = self._tallies if length_s == TALLY_S else self._minutes
        with self._lock:
            end_s = tallies.start_of(self._tick()) + length_s
            start_s = end_s - int(within_s)
            found = {tally.start_s: Counter(tally.visitors) for tally in tallies.between(start_s, end_s)}
        return start_s, [found.get(at, Counter()) for at in range(start_s, end_s, length_s)]

    def changes(self, within_s: float) -> Counter[tuple[str, str]]:
        """How often visitors turned from one intent to another in the last `within_s` seconds."""
        changes: Counter[tuple[str, str]] = Counter()
        with self._lock:
            now_s = self._tick()
            for tally in self._tallies.between(self._tallies.start_of(now_s) + TALLY_S - within_s, now_s + 1):
                changes.update(tally.changes)
        return changes

    def _tick(self) -> float:
        self._now_s = max(self._now_s, seconds_of(self._clock()))
        return self._now_s

    def _seen_since(self, start_s: float) -> Iterator[Visitor]:
        for visitors in (self._present, self._silent):
            for visitor in reversed(visitors.values()):
                if visitor.seen_s < start_s:
                    return
                yield visitor

    def _sweep(self, now_s: float) -> None:
        """Who was silent for long has left, or went; who was for very long is forgotten."""
        while self._present:
            visitor = next(iter(self._present.values()))
            if visitor.seen_s > now_s - self._leave_after_s:
                break
            del self._present[visitor.visitor_id]
            self._silent[visitor.visitor_id] = visitor
            visitor.left = self._about_to_buy(visitor)
            if visitor.left and not visitor.counted_as_left:
                visitor.counted_as_left = True
                self._tallies.at(now_s).left += 1
        while self._silent:
            visitor = next(iter(self._silent.values()))
            if visitor.seen_s > now_s - FORGET_S:
                break
            del self._silent[visitor.visitor_id]

    def _about_to_buy(self, visitor: Visitor) -> bool:
        return not visitor.ordered and (visitor.cart > 0 or visitor.intent in self._buying)

    def _take(self, update: IntentUpdate, now_s: float, tally: Tally, minute: Tally) -> None:
        visitor, is_told_again = self._present.get(update.visitor_id), False
        if visitor is not None:
            self._present.move_to_end(update.visitor_id)
        else:
            visitor = self._silent.pop(update.visitor_id, None)
            if visitor is not None:
                visitor.left = False
                self._present[update.visitor_id] = visitor
        if visitor is None:
            visitor = self._arrive(update, now_s)
            self._present[update.visitor_id] = visitor
            _seen(tally, visitor, None)
            _seen(minute, visitor, None)
        else:
            in_tally, in_minute = visitor.seen_s >= tally.start_s, visitor.seen_s >= minute.start_s
            was = (visitor.intent, visitor.abstained)
            is_told_again = _place(update) == visitor.newest
            self._move(visitor, update, now_s, tally)
            _seen(tally, visitor, was if in_tally else None)
            _seen(minute, visitor, was if in_minute else None)
        if visitor.intent not in visitor.been:
            visitor.been.add(visitor.intent)
            tally.came_to[visitor.intent] += 1
        if not is_told_again:
            self._count_cart(visitor, update.event_type, tally)

    def _arrive(self, update: IntentUpdate, now_s: float) -> Visitor:
        intent, confidence = update.intents[0]
        return Visitor(
            visitor_id=update.visitor_id,
            session_id=update.session_id,
            intent=intent,
            confidence=confidence,
            abstained=update.abstained,
            since_s=now_s,
            first_s=now_s,
            seen_s=now_s,
            event_id=update.event_id,
            event_type=update.event_type,
            occurred_at=update.occurred_at,
            model_version=update.model_version,
            sequence=update.sequence,
            newest=_place(update),
        )

    def _move(self, visitor: Visitor, update: IntentUpdate, now_s: float, tally: Tally) -> None:
        """By a newer event, or the newest told again after a late one, which itself says nothing of now."""
        visitor.seen_s = now_s
        if _place(update) < visitor.newest:
            visitor.events += update.session_id == visitor.session_id
            return
        is_new, visitor.newest = _place(update) > visitor.newest, _place(update)
        intent, visitor.confidence = update.intents[0]
        if intent != visitor.intent:
            tally.changes[visitor.intent, intent] += 1
            visitor.before, visitor.intent, visitor.since_s = visitor.intent, intent, now_s
        if update.session_id and visitor.session_id and update.session_id != visitor.session_id:
            visitor.events = 0
        visitor.events += is_new
        visitor.session_id = update.session_id or visitor.session_id
        visitor.abstained = update.abstained
        visitor.event_id = update.event_id
        visitor.event_type = update.event_type
        visitor.occurred_at = update.occurred_at
        visitor.model_version = update.model_version
        visitor.sequence = update.sequence

    def _count_cart(self, visitor: Visitor, event_type: str, tally: Tally) -> None:
        if event_type == EventType.ADD_TO_CART:
            visitor.cart += 1
            visitor.ordered = False
        elif event_type == EventType.REMOVE_FROM_CART:
            visitor.cart = max(0, visitor.cart - 1)
        elif event_type == EventType.PURCHASE:
            visitor.cart = 0
            visitor.ordered = True
            tally.ordered += 1


def _place(update: IntentUpdate) -> tuple[datetime, str]:
    """Where the event is among its visitor's."""
    return update.occurred_at, update.event_id


def _seen(tally: Tally, visitor: Visitor, was: tuple[str, bool] | None) -> None:
    """Count a visitor into a tally by the intent of now, and out by the one he was counted by in it before."""
    if was is not None:
        intent, abstained = was
        tally.uncertain += visitor.abstained - abstained
        if intent == visitor.intent:
            return
        tally.visitors[intent] -= 1
        if not tally.visitors[intent]:
            del tally.visitors[intent]
    else:
        tally.uncertain += visitor.abstained
    tally.visitors[visitor.intent] += 1


def seconds_of(moment: datetime) -> float:
    """Naive UTC as epoch seconds."""
    return moment.replace(tzinfo=UTC).timestamp()
