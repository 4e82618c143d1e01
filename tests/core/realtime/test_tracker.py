"""The tracker answers what batch scoring would, from what is stored."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.errors import NoModelError, NotFoundError
from core.events.schema import EVENT_SCHEMA, ITEM_SCHEMA
from core.model.scorer import SessionScorer
from core.realtime.tracker import IntentTracker
from core.store.event_queries import visitor_context
from core.store.ingest_queries import append_events
from core.store.item_queries import items as read_items
from core.store.warehouse import Warehouse
from tests.core.model.conftest import make_checkpoint
from tests.core.model.shop import Shop, make_shop


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop(visitors=12)


@pytest.fixture(scope="module")
def scorer(shop: Shop) -> SessionScorer:
    return SessionScorer(make_checkpoint(shop))


@pytest.fixture
def tracker(shop: Shop, scorer: SessionScorer, warehouse: Warehouse) -> IntentTracker:
    _append(warehouse, shop.events, shop.items)
    return IntentTracker(warehouse, lambda: scorer, media=None)


def _append(warehouse: Warehouse, events: pd.DataFrame, items: pd.DataFrame | None = None) -> None:
    table = pa.Table.from_pandas(events, schema=EVENT_SCHEMA, preserve_index=False)
    known = None if items is None else pa.Table.from_pandas(items, schema=ITEM_SCHEMA, preserve_index=False)
    append_events(warehouse, table, items=known)


def _of(scores: np.ndarray, intents: tuple[str, ...]) -> dict[str, float]:
    return {intent: pytest.approx(float(score), abs=1e-5) for intent, score in zip(intents, scores, strict=True)}


def test_every_visitors_intent_is_that_of_batch_scoring_at_the_last_event(tracker, scorer, shop: Shop) -> None:
    scores = scorer.score(shop.events, shop.items)
    last = shop.events.groupby("visitor_id").tail(1)
    for row, event in last.iterrows():
        answer = tracker.intent_of_visitor(event["visitor_id"])
        assert dict(answer.intents) == _of(scores[row], scorer.intents)
        assert (answer.session_id, answer.as_of) == (event["session_id"], event["occurred_at"])
        assert answer.events_used == (shop.events["visitor_id"] == event["visitor_id"]).sum()
        assert answer.model_version == "test-model"


def test_the_likeliest_intent_comes_first_and_scores_sum_to_one(tracker: IntentTracker) -> None:
    scores = [score for _, score in tracker.intent_of_visitor("v0003").intents]
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) == pytest.approx(1.0)


def test_a_sessions_intent_is_read_at_its_last_event_with_the_past_before_it(tracker, scorer, shop: Shop) -> None:
    scores = scorer.score(shop.events, shop.items)
    for row, event in shop.events.groupby("session_id").tail(1).iterrows():
        answer = tracker.intent_of_session(event["session_id"])
        assert dict(answer.intents) == _of(scores[row], scorer.intents)
        assert answer.session_id == event["session_id"]


def test_a_late_event_counts_at_its_own_place(tracker, scorer, shop: Shop, warehouse: Warehouse) -> None:
    mine = shop.events[shop.events["visitor_id"] == "v0003"]
    late = mine.iloc[[0]].assign(event_id="late", occurred_at=mine["occurred_at"].iloc[0] + timedelta(seconds=1))
    _append(warehouse, late)
    stream = visitor_context(warehouse, "v0003")
    assert stream["occurred_at"].is_monotonic_increasing
    assert stream["event_id"].iloc[-1] != "late"
    expected = scorer.score(stream, read_items(warehouse))[-1]
    answer = tracker.intent_of_visitor("v0003")
    assert dict(answer.intents) == _of(expected, scorer.intents)
    assert answer.events_used == len(mine) + 1


def test_who_or_what_is_unknown_is_named(tracker: IntentTracker) -> None:
    with pytest.raises(NotFoundError, match="'nobody'"):
        tracker.intent_of_visitor("nobody")
    with pytest.raises(NotFoundError, match="'no-session'"):
        tracker.intent_of_session("no-session")


def test_without_a_model_it_says_so(tracker: IntentTracker, warehouse: Warehouse) -> None:
    def none() -> SessionScorer:
        raise NoModelError("There is no model yet.")

    with pytest.raises(NoModelError):
        IntentTracker(warehouse, none, media=None).intent_of_visitor("v0003")
