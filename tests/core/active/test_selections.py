"""What a batch is about: filters, queries and likeness give frozen lists of sessions."""

import numpy as np
import pytest

from core.active.options import ScoredModel
from core.active.selections import select_filtered, select_queried, select_similar
from core.active.similarity import Likeness, similar_sessions
from core.errors import InvalidQueueError, NotFoundError
from core.store.session_queries import SessionFilter
from core.store.warehouse import Warehouse
from tests.core.active.shop import fill, label, store_states

DIRECTIONS = {"s0": (1, 0), "s1": (0.9, 0.1), "s2": (0, 1), "s3": (-1, 0), "s4": (0, 0)}


def _scored(warehouse: Warehouse) -> ScoredModel:
    fill(warehouse, 6)
    embeddings = {name: [3 * x, 3 * y] for name, (x, y) in DIRECTIONS.items()}
    return store_states(warehouse, dict.fromkeys(DIRECTIONS, (1, 0, 0)), embeddings)


def test_the_most_similar_come_first_and_the_given_one_is_left_out(warehouse: Warehouse) -> None:
    model = _scored(warehouse)
    found = similar_sessions(warehouse, model, Likeness(("s0",)))
    assert found["session_id"].tolist()[:2] == ["s1", "s2"]
    assert found["similarity"].iloc[0] == pytest.approx(0.9 / np.hypot(0.9, 0.1), abs=1e-6)
    assert similar_sessions(warehouse, model, Likeness(("s0",), least=0.5))["session_id"].tolist() == ["s1"]
    mean = similar_sessions(warehouse, model, Likeness(("s0", "s2"), most=1))
    assert mean["session_id"].tolist() == ["s1"]
    assert mean["similarity"].iloc[0] == pytest.approx((0.9 + 0.1) / np.sqrt(2) / np.hypot(0.9, 0.1), abs=1e-6)
    assert "s4" not in set(found["session_id"])  # a state of no length points nowhere


def test_labelled_sessions_and_bots_can_be_left_out(warehouse: Warehouse) -> None:
    model = _scored(warehouse)
    label(warehouse, "s1", "jonas")
    warehouse.write(
        lambda cursor: cursor.execute("UPDATE sessions SET is_bot = true WHERE session_id = 's2'").fetchall()
    )
    assert "s2" not in set(similar_sessions(warehouse, model, Likeness(("s0",)))["session_id"])
    selection = select_similar(warehouse, model, Likeness(("s0",), unlabeled=True, least=-0.5))
    assert "s1" not in selection.session_ids
    assert selection.told["session_ids"] == ("s0",)


def test_a_session_without_embedding_is_told(warehouse: Warehouse) -> None:
    model = _scored(warehouse)
    with pytest.raises(NotFoundError, match="'s5'"):
        similar_sessions(warehouse, model, Likeness(("s5",)))


def test_filters_and_queries_give_their_sessions_once(warehouse: Warehouse) -> None:
    fill(warehouse, 6)
    label(warehouse, "s1", "jonas")
    chosen = select_filtered(warehouse, SessionFilter(annotated=False, min_events=2))
    assert sorted(chosen.session_ids) == ["s0", "s2", "s3", "s4", "s5"]
    assert chosen.told == {"annotated": "False", "min_events": "2"}
    queried = select_queried(warehouse, "SELECT session_id FROM events ORDER BY occurred_at DESC;")
    assert queried.session_ids == tuple(f"s{n}" for n in range(5, -1, -1))
    with pytest.raises(InvalidQueueError, match="audit"):
        select_queried(warehouse, "SELECT session_id FROM audit")
