"""The intent of a visitor now, as it is answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from core.intents.resolution import pooled


@dataclass(frozen=True)
class VisitorIntent:
    """What a visitor was about at their last event; `intents` has the likeliest first, scores sum to 1, merged intents
    are one.

    abstained: the likeliest stays below the model's `abstain_below`, so it had better not be acted on.
    """

    visitor_id: str
    session_id: str | None
    model_version: str
    as_of: datetime
    intents: tuple[tuple[str, float], ...]
    events_used: int
    abstained: bool = False


def ranked(
    probabilities: np.ndarray, intents: Sequence[str], merged: Mapping[str, str]
) -> list[tuple[tuple[str, float], ...]]:
    """Of each row of probabilities [N, K] the intents as they count now with their scores, the likeliest first."""
    names, counted = pooled(probabilities, intents, merged)
    return [
        tuple(sorted(zip(names, row, strict=True), key=lambda pair: (-pair[1], pair[0]))) for row in counted.tolist()
    ]
