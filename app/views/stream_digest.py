"""Under what the answers about a visitor's events are kept: they hold only while the model would read the same."""

from hashlib import blake2b

import pandas as pd

_READ = ("event_id", "session_id", "occurred_at")
"""Of an event: what stands under an id never changes, but a late event may join or split sessions."""


def stream_digest(model_id: str, events: pd.DataFrame, items: pd.DataFrame) -> str:
    """Changes with the model, with any of the events before and at the explained one, and with what is known of items.

    A late event, an import and a feed of items all change what the model reads at an event that is long past.
    """
    told = blake2b(model_id.encode(), digest_size=16)
    for frame in (events[list(_READ)], items):
        told.update(frame.to_csv(index=False).encode())
    return told.hexdigest()
