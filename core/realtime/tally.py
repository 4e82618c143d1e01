"""What happened on the shop in each ten seconds, by when it arrived; a bounded number of them is kept."""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

TALLY_S = 10
TALLIES_KEPT = 6 * 130
"""Ten-second tallies of the last 130 minutes: the longest window of an alarm and the longest before it."""


@dataclass(slots=True)
class Tally:
    """One stretch of time, from `start_s` (epoch seconds, a multiple of its length).

    visitors: those with an event in it, once each, by their last intent in it.
    uncertain: those of them whose last intent the model had better not act on.
    changes: (from, to) of every change of intent.
    came_to: visitors who came to an intent for the first time in their visit.
    ordered, left: how visits that were about to buy ended, see `presence`.
    stored: events committed, with or without a model; updates: those of which an intent was told.
    """

    start_s: int
    visitors: Counter[str] = field(default_factory=Counter)
    uncertain: int = 0
    changes: Counter[tuple[str, str]] = field(default_factory=Counter)
    came_to: Counter[str] = field(default_factory=Counter)
    ordered: int = 0
    left: int = 0
    stored: int = 0
    updates: int = 0


class Tallies:
    """Tallies of one length, newest last; a stretch in which nothing happened has none."""

    def __init__(self, length_s: int = TALLY_S, kept: int = TALLIES_KEPT) -> None:
        self.length_s = length_s
        self._tallies: deque[Tally] = deque(maxlen=kept)

    def at(self, now_s: float) -> Tally:
        """That of this moment, begun where there is none; a clock set back counts into the newest."""
        start_s = self.start_of(now_s)
        if not self._tallies or self._tallies[-1].start_s < start_s:
            self._tallies.append(Tally(start_s))
        return self._tallies[-1]

    def start_of(self, now_s: float) -> int:
        """When the stretch that holds this moment began."""
        return int(now_s // self.length_s) * self.length_s

    def between(self, start_s: float, end_s: float) -> Iterator[Tally]:
        """Those that began from `start_s` (inclusive) to `end_s` (exclusive), newest first."""
        for tally in reversed(self._tallies):
            if tally.start_s < start_s:
                return
            if tally.start_s < end_s:
                yield tally


@dataclass(frozen=True)
class Counts:
    """The tallies of a window added up; `seconds` is its length, `visitor_stretches` its exposure: visitors by tally.

    `visitor_stretches` counts a visitor once in each ten seconds in which he did something.
    """

    seconds: float
    stored: int = 0
    updates: int = 0
    visitor_stretches: int = 0
    uncertain_stretches: int = 0
    ordered: int = 0
    left: int = 0
    came_to: Counter[str] = field(default_factory=Counter)

    @property
    def ended(self) -> int:
        """Visits that were about to buy and ended, one way or the other."""
        return self.ordered + self.left


def count(tallies: Tallies, start_s: float, end_s: float) -> Counts:
    """Add up the tallies of [start_s, end_s)."""
    stored = updates = visitors = uncertain = ordered = left = 0
    came_to: Counter[str] = Counter()
    for tally in tallies.between(start_s, end_s):
        stored += tally.stored
        updates += tally.updates
        visitors += tally.visitors.total()
        uncertain += tally.uncertain
        ordered += tally.ordered
        left += tally.left
        came_to.update(tally.came_to)
    return Counts(max(0.0, end_s - start_s), stored, updates, visitors, uncertain, ordered, left, came_to)
