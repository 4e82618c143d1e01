"""What the tracker remembers of one visitor between two events."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from core.realtime.session_names import DerivedSession

if TYPE_CHECKING:
    from core.model.stream import VisitorStream

EventKey = tuple[datetime, str]
"""occurred_at and event_id: the order of a visitor's events."""

_BYTES_A_STATE = 4_000
_BYTES_AN_ITEM = 80
_BYTES_REMEMBERED = 150
"""Of Python's objects: a state without them, the id of an item in it, an item or query in the history's session."""


@dataclass(frozen=True)
class VisitorState:
    """A visitor after their newest event. Never changed, only replaced.

    newest: the key of that event; its session_id, event_type, and probabilities [K] float32 at it
    previous: [K] float32 at the event before; None at the visitor's first
    derived: the newest session that was not given by the source
    items: ids of the items of the newest events, one window of them and one more
    events: how many events were read
    told: whether an update of the newest event was made
    """

    visitor_id: str
    stream: "VisitorStream"
    newest: EventKey
    session_id: str
    event_type: str
    probabilities: np.ndarray
    previous: np.ndarray | None
    derived: DerivedSession | None
    items: tuple[str, ...]
    events: int
    told: bool

    @property
    def nbytes(self) -> int:
        """Bytes it takes: the tensors exactly, Python's objects by their number."""
        window = self.stream.window
        tensors = 0 if window is None else window.nbytes
        return (
            tensors
            + _BYTES_A_STATE
            + _BYTES_AN_ITEM * len(self.items)
            + _BYTES_REMEMBERED * self.stream.history.remembered
        )
