"""The smallest change that flips a prediction: greedy, then beam, then every combination that time allows.

Each candidate is one edit of one event; a change is a set of candidates on different events, and its size is how
many events it touches. What is said to be smallest was shown to be: `proven_up_to` is the size up to which every
combination was tried.
Source: the search is ours; counterfactuals as explanations after Wachter, Mittelstadt, Russell 2017 (arXiv 1711.00399).
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, islice
from math import comb

import numpy as np
import numpy.typing as npt

from core.explain.edits import Edit

Probabilities = Callable[[Sequence[Sequence[Edit]]], npt.NDArray[np.float32]]
"""Lists of edits -> [V, K], the probabilities under each."""

Chosen = frozenset[int]
"""Places of candidates."""

_BATCH = 128


@dataclass(frozen=True)
class Limits:
    """How far to search: events touched, sets kept a level, sets tried and seconds in all."""

    most_edits: int = 4
    beam_width: int = 6
    most_tried: int = 6000
    most_seconds: float = 20.0


@dataclass(frozen=True)
class SmallestChange:
    """What the search found.

    edits: the smallest change found, None where nothing flips the prediction.
    before, after: [K] probabilities; after is None without edits.
    greedy_size, beam_size: events touched by the best of each method, None where it found none.
    proven_up_to: every combination of up to so many candidates was tried, so no change of fewer events than
        `edits` touches (or, without edits, none up to so many) flips it, among the candidates.
    tried: sets scored. spent: whether a limit on time or sets cut the search short.
    """

    edits: tuple[Edit, ...] | None
    before: npt.NDArray[np.float32]
    after: npt.NDArray[np.float32] | None
    greedy_size: int | None
    beam_size: int | None
    proven_up_to: int
    tried: int
    spent: bool

    @property
    def is_smallest(self) -> bool:
        """Whether no smaller change of these candidates exists, as shown by trying them all."""
        return self.edits is not None and self.proven_up_to >= len(self.edits) - 1


def margin(probabilities: npt.NDArray[np.float32], current: int, target: int | None) -> npt.NDArray[np.float32]:
    """[V] of [V, K]: above zero where the prediction is flipped.

    Args:
        current: the intent predicted now.
        target: the intent that shall win; None: any other than `current`.
    """
    wanted = np.zeros(probabilities.shape[-1], dtype=bool)
    if target is None:
        wanted[:] = True
        wanted[current] = False
    else:
        wanted[target] = True
    best, rest = probabilities[:, wanted].max(axis=1), probabilities[:, ~wanted].max(axis=1)
    difference: npt.NDArray[np.float32] = best - rest
    return difference


def find_smallest_change(
    candidates: Sequence[Edit],
    probabilities: Probabilities,
    *,
    target: int | None = None,
    limits: Limits = Limits(),
    now: Callable[[], float] = time.monotonic,
) -> SmallestChange:
    """Search the candidates for the smallest set that flips the prediction.

    Args:
        candidates: edits of the unedited session; at most one an event is taken into a set.
        probabilities: scores lists of edits, in batches.
        target: the intent that shall win; None: any other than the one predicted now.
    """
    before = probabilities([()])[0]
    current = int(before.argmax())
    search = _Search(candidates, probabilities, current, target, limits, now() + limits.most_seconds, now)
    proven = 1 if search.try_all(1) else 0
    greedy = search.beam(width=1, deepest=limits.most_edits)
    deepest = limits.most_edits if greedy is None else len(greedy) - 1
    beam = search.beam(width=limits.beam_width, deepest=deepest) or greedy
    best = search.smallest_within(beam)
    ceiling = limits.most_edits if best is None else len(best) - 1
    while proven and proven < ceiling and search.try_all(proven + 1):
        proven += 1
        best = search.found(proven) or best
        if best is not None and len(best) <= proven:
            break
    edits = None if best is None else search.edits(best)
    return SmallestChange(
        edits=edits,
        before=before,
        after=None if edits is None else probabilities([edits])[0],
        greedy_size=None if greedy is None else len(greedy),
        beam_size=None if beam is None else len(beam),
        proven_up_to=proven,
        tried=len(search.margins),
        spent=search.spent,
    )


@dataclass
class _Search:
    """Sets scored so far and what may still be spent."""

    candidates: Sequence[Edit]
    probabilities: Probabilities
    current: int
    target: int | None
    limits: Limits
    deadline: float
    now: Callable[[], float]
    margins: dict[Chosen, float] = field(default_factory=dict)
    spent: bool = False

    def edits(self, chosen: Chosen) -> tuple[Edit, ...]:
        return tuple(self.candidates[place] for place in sorted(chosen))

    def beam(self, width: int, deepest: int) -> Chosen | None:
        """Grow the `width` most promising sets by one candidate a level, until one flips."""
        front: list[Chosen] = [frozenset()]
        for _ in range(deepest):
            grown = dict.fromkeys(
                chosen | {place}
                for chosen in front
                for place in range(len(self.candidates))
                if self._fits(chosen, place)
            )
            self._score(grown)
            front = sorted((one for one in grown if one in self.margins), key=self._rank)[:width]
            if not front or self.spent:
                break
            if self.margins[front[0]] > 0:
                return front[0]
        return front[0] if front and front[0] and self.margins[front[0]] > 0 else None

    def try_all(self, size: int) -> bool:
        """Score every set of the size; whether the limits allowed it."""
        if self.spent or comb(len(self.candidates), size) > self.limits.most_tried - len(self.margins):
            return False
        self._score(self._sets(size))
        return not self.spent

    def found(self, size: int) -> Chosen | None:
        """The best flipping set of the size among those scored."""
        flips = [chosen for chosen, value in self.margins.items() if len(chosen) == size and value > 0]
        return min(flips, key=self._rank, default=None)

    def smallest_within(self, chosen: Chosen | None) -> Chosen | None:
        """The smallest part of a flipping set that flips too."""
        if chosen is None:
            return None
        parts = [frozenset(part) for size in range(1, len(chosen)) for part in combinations(sorted(chosen), size)]
        self._score(parts)
        return next((part for part in parts if self.margins.get(part, 0.0) > 0), chosen)

    def _sets(self, size: int) -> Iterator[Chosen]:
        for places in combinations(range(len(self.candidates)), size):
            if len({self.candidates[place].event_id for place in places}) == size:
                yield frozenset(places)

    def _fits(self, chosen: Chosen, place: int) -> bool:
        return all(self.candidates[one].event_id != self.candidates[place].event_id for one in chosen)

    def _rank(self, chosen: Chosen) -> tuple[float, list[int]]:
        return -self.margins[chosen], sorted(chosen)

    def _score(self, sets: Iterable[Chosen]) -> None:
        new = (chosen for chosen in sets if chosen not in self.margins)
        while batch := list(islice(new, _BATCH)):
            if self.now() >= self.deadline or len(self.margins) + len(batch) > self.limits.most_tried:
                self.spent = True
                return
            scored = margin(self.probabilities([self.edits(chosen) for chosen in batch]), self.current, self.target)
            self.margins.update(zip(batch, map(float, scored), strict=True))
