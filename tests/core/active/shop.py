"""A pool of sessions, a clock to turn, and models that have scored them."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from core.active.options import ScoredModel
from core.intents.annotations import Annotation, submit_annotations
from core.store.ingest_queries import append_events
from core.store.warehouse import Warehouse
from tests.core.store.rows import START, event, table

INTENTS = ("browse", "search", "purchase")


class TurnedClock:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.now = START + timedelta(days=30)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)


def fill(warehouse: Warehouse, sessions: int) -> list[str]:
    """Sessions s0, s1, ... of two events each, an hour apart."""
    rows = [
        event(n, visitor=f"v{n // 2}", minutes=60 * (n // 2) + n % 2, session_id=f"s{n // 2}")
        for n in range(2 * sessions)
    ]
    append_events(warehouse, table(*rows))
    return [f"s{n}" for n in range(sessions)]


def store_states(
    warehouse: Warehouse,
    probabilities: Mapping[str, Sequence[float]],
    embeddings: Mapping[str, Sequence[float]] | None = None,
    model_id: str = "m1",
) -> ScoredModel:
    """What a model makes of sessions at their last event."""
    rows = [
        [session_id, model_id, f"last-{session_id}", list(values), (embeddings or {}).get(session_id)]
        for session_id, values in probabilities.items()
    ]
    warehouse.write(
        lambda cursor: [cursor.execute("INSERT INTO session_states VALUES (?, ?, ?, ?, ?)", row) for row in rows]
    )
    return ScoredModel(model_id, INTENTS, START, Path("nowhere"))


def label(warehouse: Warehouse, session_id: str, annotator: str, intent: str | None = "browse", **more: Any) -> str:
    """One session label by client_id; the status is `skipped` without an intent."""
    client_id = uuid.uuid4().hex
    status = {"status": "submitted" if intent else "skipped"}
    given = Annotation(
        annotation_id=client_id,
        client_id=client_id,
        target_kind="session",
        session_id=session_id,
        event_id=None,
        intent=intent,
        annotator=annotator,
        created_at=warehouse.clock(),
        **status | more,
    )
    submit_annotations(warehouse, [given])
    return client_id
