"""What the tracker tells after each event: the visitor's intent then, and the one before."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class IntentUpdate:
    """The intent of one visitor at one event, as soon as it was stored.

    sequence: counts the updates of this server process from 1; set when the update is published
    intents: the likeliest first, scores sum to 1, merged intents are one
    previous: the likeliest intent at the visitor's event before; None at the visitor's first
    abstained: the likeliest stays below the model's `abstain_below`
    """

    visitor_id: str
    session_id: str | None
    event_id: str
    event_type: str
    occurred_at: datetime
    model_version: str
    intents: tuple[tuple[str, float], ...]
    previous: str | None = None
    abstained: bool = False
    sequence: int = 0

    @property
    def intent(self) -> str:
        """The likeliest intent."""
        return self.intents[0][0]

    @property
    def changed(self) -> bool:
        """Whether the likeliest intent is another than before; the visitor's first event counts as a change."""
        return self.intent != self.previous
