"""A live tracker over a real warehouse, fed commit by commit, and what it ought to say."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from core.events.cleaning import REJECTED_SCHEMA
from core.events.schema import EVENT_COLUMNS, EVENT_SCHEMA, ITEM_SCHEMA
from core.model.scorer import SessionScorer
from core.realtime.intent_update import IntentUpdate
from core.realtime.live_tracker import LiveTracker
from core.realtime.stream_tracker import StreamTracker
from core.realtime.updates import Updates
from core.realtime.visitor_intent import VisitorIntent
from core.store.collect_queries import submit_collected
from core.store.event_queries import visitor_context
from core.store.item_queries import items as read_items
from core.store.session_queue import settle_sessions
from core.store.warehouse import Ended, Warehouse

TOLERANCE = 1e-4

Rows = Sequence[dict[str, Any]]


class Following:
    """Commits events as the collector does; `scorer` may be replaced by another, as a promotion does."""

    def __init__(
        self, warehouse: Warehouse, scorer: SessionScorer, media: Path | None = None, budget_bytes: int = 10**9
    ) -> None:
        self.warehouse = warehouse
        self.scorer = scorer
        self.media = media
        self.updates = Updates()
        self.live = LiveTracker(warehouse, self.updates, lambda: self.scorer, media=media)
        self.live.streams = StreamTracker(warehouse, media=media, budget_bytes=budget_bytes)
        self.live.start()

    def commit(self, events: Rows, items: Rows = ()) -> frozenset[str]:
        """Store events and tell the tracker; returns the ids that were new. Does not wait for the tracker."""
        table, known = event_table(events), pa.Table.from_pylist(list(items), schema=ITEM_SCHEMA)
        rejected = REJECTED_SCHEMA.append(pa.field("source", pa.string())).empty_table()

        def tell(new: frozenset[str]) -> Ended:
            added = {}
            for event in table.to_pylist():
                if event["event_id"] in new:
                    added.setdefault(event["event_id"], event)
            return self.live.on_storing(event_table(list(added.values())), known)

        return submit_collected(self.warehouse, table, rejected=rejected, items=known, on_storing=tell).result(30)

    def intent(self, visitor_id: str) -> VisitorIntent | None:
        """The answer to a question, after everything told so far was followed."""
        return self.live.intent_of(visitor_id)

    def told(self, after: int = 0) -> list[IntentUpdate]:
        """The updates of everything told so far."""
        self.live.intent_of("nobody")
        return self.updates.since(after)

    def expected(self, visitor_id: str, event_id: str | None = None) -> tuple[str, dict[str, float]]:
        """The session, and the intents by the model read over the stored events up to this one (None: the newest)."""
        settle_sessions(self.warehouse, [visitor_id])
        events = visitor_context(self.warehouse, visitor_id, event_id, limit=100_000)
        scores = self.scorer.score(events[list(EVENT_COLUMNS)], read_items(self.warehouse), self.media)[-1]
        return events["session_id"].iloc[-1], dict(zip(self.scorer.intents, scores.tolist(), strict=True))

    def assert_right(self, visitor_id: str) -> None:
        """The answer equals the model read over everything stored of the visitor."""
        answer = self.intent(visitor_id)
        assert answer is not None
        session, intents = self.expected(visitor_id)
        assert answer.session_id == session
        assert answer.model_version == self.scorer.model_id
        assert_same(dict(answer.intents), intents)

    def assert_told_right(self, update: IntentUpdate) -> None:
        """The update equals the model read over what is stored up to its event."""
        session, intents = self.expected(update.visitor_id, update.event_id)
        assert update.session_id == session
        assert_same(dict(update.intents), intents)


def assert_same(given: dict[str, float], expected: dict[str, float]) -> None:
    assert given.keys() == expected.keys()
    np.testing.assert_allclose([given[name] for name in expected], list(expected.values()), atol=TOLERANCE)


def event_table(events: Rows) -> pa.Table:
    return pa.Table.from_pylist(list(events), schema=EVENT_SCHEMA)


def event(event_id: str, visitor_id: str, at: datetime, **columns: Any) -> dict[str, Any]:
    """An event of EVENT_SCHEMA; a view unless told otherwise, received when it occurred."""
    return {
        "event_id": event_id,
        "visitor_id": visitor_id,
        "occurred_at": at,
        "received_at": at,
        "event_type": "view",
    } | columns


def another_model(checkpoint: Any, model_id: str) -> SessionScorer:
    """A model of the same kind that answers otherwise."""
    import torch

    torch.manual_seed(7)
    for parameter in checkpoint.model.parameters():
        parameter.data += 0.05 * torch.randn_like(parameter)
    return SessionScorer(replace(checkpoint, card=checkpoint.card | {"model_id": model_id}))
