"""What the tracker tells after each event: the visitor's intent then, and the one before."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


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

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values, as streams and webhooks tell it."""
        return {
            "sequence": self.sequence,
            "visitor_id": self.visitor_id,
            "session_id": self.session_id,
            "event_id": self.event_id,
            "event_type": self.event_type,
            "occurred_at": self.occurred_at.isoformat(timespec="milliseconds") + "Z",
            "model_version": self.model_version,
            "intent": self.intent,
            "previous": self.previous,
            "changed": self.changed,
            "abstained": self.abstained,
            "intents": [{"label": label, "score": round(score, 6)} for label, score in self.intents],
        }
