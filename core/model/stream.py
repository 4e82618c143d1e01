"""Live streams: a visitor's running history and the key/value cache, and one step of many such streams at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.model.fused import FusedModel, Mask
from core.model.history import VisitorHistory
from core.model.row_batch import Floats, Places
from core.model.window import context_of

_POSITIONS = 2048
"""Padded cached and new events of one step of many streams; more only costs memory."""


@dataclass(frozen=True)
class StreamWindow:
    """The window a stream is in. Never changed, only replaced.

    cache: [L, 2, H, P, D] float32 keys and values of the events read, after those of the model's prefix
    events: how many of the P are events
    recent: [R, d] float32 newest event vectors, enough to begin the next window with
    """

    cache: Floats
    events: int
    recent: Floats

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return self.cache.nbytes + self.recent.nbytes


class VisitorStream:
    """What is known between two steps. `window` None: nothing was read yet."""

    def __init__(self, history: VisitorHistory | None = None, window: StreamWindow | None = None) -> None:
        self.history = VisitorHistory() if history is None else history
        self.window = window

    def fork(self) -> "VisitorStream":
        """A stream that goes on from here alone; the arrays are shared until then."""
        return VisitorStream(self.history.copy(), self.window)


@dataclass
class _Run:
    """A stream on its way through a step: its window, the vectors [n, d] still to be read, logits got so far.

    silent: so many of the vectors were answered for before; they are read again to begin a window.
    """

    window: StreamWindow
    left: Floats
    answers: list[Floats]
    silent: int = 0


def extend_windows(
    model: FusedModel, windows: Sequence[StreamWindow | None], vectors: Sequence[Floats]
) -> tuple[list[StreamWindow], list[Floats]]:
    """Run the backbone over the next event vectors [n, d], n >= 1, of each stream; intent logits [n, K] of each.

    A full window is left behind by beginning one with its last half, as window.py plans windows. Streams of unequal
    length share a pass: cached events are padded on the left, new ones on the right.
    """
    runs = [
        _Run(_first_window(model) if window is None else window, new, [])
        for window, new in zip(windows, vectors, strict=True)
    ]
    waiting = list(runs)
    while waiting:
        for run in waiting:
            _turn_over(model, run)
        for group in _groups(model, waiting):
            _read(model, group)
        waiting = [run for run in waiting if len(run.left)]
    return [run.window for run in runs], [np.concatenate(run.answers) for run in runs]


def _first_window(model: FusedModel) -> StreamWindow:
    config = model.config
    heads = config.num_attention_heads
    recent = np.zeros((0, config.hidden_size), dtype=np.float32)
    if model.prefix is not None:
        return StreamWindow(model.prefix, 0, recent)
    shape = (config.num_hidden_layers, 2, heads, 0, config.hidden_size // heads)
    return StreamWindow(np.zeros(shape, dtype=np.float32), 0, recent)


def _turn_over(model: FusedModel, run: _Run) -> None:
    """Begin the next window if the present one is full."""
    if run.window.events < model.config.max_events:
        return
    run.silent = len(run.window.recent)
    run.left = np.concatenate([run.window.recent, run.left])
    run.window = _first_window(model)


def _room(model: FusedModel, run: _Run) -> int:
    """How many vectors the window takes in this pass."""
    return min(len(run.left), int(model.config.max_events) - run.window.events)


def _groups(model: FusedModel, runs: list[_Run]) -> list[list[_Run]]:
    """Runs of similar length, each group within _POSITIONS (always at least one run)."""
    groups: list[list[_Run]] = []
    positions = 0
    for run in sorted(runs, key=lambda run: -(run.window.cache.shape[3] + _room(model, run))):
        if not groups or (len(groups[-1]) + 1) * positions > _POSITIONS:
            groups.append([])
            positions = max(1, run.window.cache.shape[3] + _room(model, run))
        groups[-1].append(run)
    return groups


def _read(model: FusedModel, runs: list[_Run]) -> None:
    """One pass over the next vectors of each run."""
    past = [run.window.cache.shape[3] for run in runs]
    new = [_room(model, run) for run in runs]
    longest, alone = max(past), len(runs) == 1
    slab = _slab([run.window.cache for run in runs], longest, max(new))  # [L, 2, B, H, longest + new, D]
    states = model.backbone.read(
        _padded([run.left[:n] for run, n in zip(runs, new, strict=True)], max(new)),
        slab,
        filled=longest,
        positions=_positions(model, past, new),
        mask=None if alone and new == [1] else _readable(past, new),
    )
    logits = model.head.logits(states)
    for place, run in enumerate(runs):
        kept = slab[:, :, place, :, longest - past[place] : longest + new[place]]
        _advance(model, run, new[place], kept if alone else kept.copy())
        run.answers.append(logits[place, run.silent : new[place]])
        run.silent = max(0, run.silent - new[place])


def _advance(model: FusedModel, run: _Run, read: int, cache: Floats) -> None:
    keep = context_of(model.config.max_events)
    recent = np.concatenate([run.window.recent, run.left[:read]])[-keep:]
    run.window = StreamWindow(cache, run.window.events + read, recent.copy())
    run.left = run.left[read:]


def _padded(vectors: list[Floats], longest: int) -> Floats:
    """[B, longest, d], zeros behind the shorter ones."""
    if len(vectors) == 1:
        return vectors[0][None]
    padded = np.zeros((len(vectors), longest, vectors[0].shape[1]), dtype=np.float32)
    for place, of_one in enumerate(vectors):
        padded[place, : len(of_one)] = of_one
    return padded


def _slab(caches: list[Floats], longest: int, new: int) -> Floats:
    """[L, 2, B, H, longest + new, D] with each cache [L, 2, H, P, D] at its left up to `longest`, zeros before it."""
    layers, both, heads, _, size = caches[0].shape
    slab = np.empty((layers, both, len(caches), heads, longest + new, size), dtype=np.float32)
    for place, cache in enumerate(caches):
        begin = longest - cache.shape[3]
        slab[:, :, place, :, :begin] = 0.0
        slab[:, :, place, :, begin:longest] = cache
    return slab


def _positions(model: FusedModel, past: list[int], new: list[int]) -> Places:
    """[B, longest new] place of each new event in its window; padding may be beyond its end and is put at it."""
    last = int(model.config.prefix_events) + int(model.config.max_events) - 1
    return np.minimum(np.array(past)[:, None] + np.arange(max(new)), last)


def _readable(past: list[int], new: list[int]) -> Mask:
    """[B, 1, longest new, longest past + longest new] whether a new event may read a place: a real one, not later."""
    before, after = np.array(past)[:, None, None], np.array(new)[:, None, None]
    longest, width = max(past), max(new)
    place = np.arange(longest + width)
    real = (place >= longest - before) & (place < longest + after)  # [B, 1, T]
    return (real & (place <= longest + np.arange(width)[:, None]))[:, None]
