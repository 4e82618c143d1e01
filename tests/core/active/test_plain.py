"""The queue of plain sessions: the surest fifth of each kind, kinds with the fewest labels in turn, the rest after."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.active.handing_out import asking_now, hand_out
from core.active.options import QueueOptions
from core.active.pool import open_pool
from core.active.query_strategies.plain import Plain, plain_in_turn, surest_part
from core.store.kind_queries import has_kinds, replace_kinds
from core.store.warehouse import Warehouse
from tests.core.active.shop import fill, label

SESSIONS = 20
KINDS = [number % 3 for number in range(18)]
SURENESS = [0.3 + 0.03 * number for number in range(18)]
"""The surest fifth of each kind are the last two of its six, s12 to s17 together."""


@pytest.fixture
def shop(warehouse: Warehouse, tmp_path: Path) -> Warehouse:
    """s0 to s17 are of three kinds in turn, ever surer; s18 and s19 came later and have none."""
    fill(warehouse, SESSIONS)
    _store(warehouse, tmp_path, KINDS, SURENESS)
    return warehouse


def _store(warehouse: Warehouse, folder: Path, kinds: list[int], sureness: list[float]) -> None:
    ids = [f"s{number}" for number in range(len(kinds))]
    pd.DataFrame({"session_id": ids, "kind": kinds, "sureness": sureness}).to_parquet(folder / "kinds.parquet")
    assert replace_kinds(warehouse, folder / "kinds.parquet") == len(kinds)


def _rank(warehouse: Warehouse, wanted: int, loaded: list[str] | None = None, seed: int = 0) -> list[int]:
    options = QueueOptions("plain", seed=seed)
    with open_pool(warehouse, options, asking_now(warehouse, options, "mei", loaded or [])) as pool:
        return [int(session_id[1:]) for session_id in Plain().rank(pool, wanted)]


def test_the_surest_come_in_turn_then_the_unsure_then_those_without_a_kind(shop: Warehouse) -> None:
    order = _rank(shop, 100)
    assert set(order[:6]) == set(range(12, 18))
    for begin in (0, 3):
        assert {number % 3 for number in order[begin : begin + 3]} == {0, 1, 2}
    assert set(order[6:18]) == set(range(12))
    assert set(order[18:]) == {18, 19}


def test_the_seed_draws_the_lot(shop: Warehouse) -> None:
    orders = [tuple(_rank(shop, 6, seed=seed)) for seed in (0, 0, 1, 2)]
    assert orders[0] == orders[1]
    assert len(set(orders)) == 3


def test_labels_of_others_leases_and_what_is_on_the_screen_count(shop: Warehouse) -> None:
    label(shop, "s0", "jonas")
    label(shop, "s13", "mei")
    assert [number % 3 for number in _rank(shop, 1)] == [2], "kinds 0 and 1 have a label, unsure or not"
    assert [number % 3 for number in _rank(shop, 1, loaded=["s14", "s17", "s12"])] == [1]
    held = hand_out(shop, QueueOptions("plain", random_share=0, gold_share=0), annotator="li", wanted=1)
    assert [int(one[1:]) % 3 for one in held] == [2]
    assert {number % 3 for number in _rank(shop, 3)} == {0, 1, 2}
    assert int(held[0][1:]) not in _rank(shop, 100)


def test_the_newest_kinds_take_the_place_of_the_older(shop: Warehouse, tmp_path: Path) -> None:
    assert has_kinds(shop)
    _store(shop, tmp_path, [0, 1], [0.9, 0.9])
    assert set(_rank(shop, 2)) == {0, 1}
    assert len(_rank(shop, 100)) == SESSIONS


def test_without_kinds_it_is_a_draw_by_lot(warehouse: Warehouse) -> None:
    fill(warehouse, 5)
    assert not has_kinds(warehouse)
    assert sorted(_rank(warehouse, 100)) == list(range(5))


def test_the_surest_part_of_a_kind_is_a_fifth_of_it_and_at_least_one() -> None:
    kind = np.array([0, 0, 0, 0, 2, 2])
    sureness = np.array([0.9, 0.5, 0.6, 0.8, 0.3, 0.2])
    assert surest_part(kind, sureness).tolist() == [True, False, False, False, True, False]
    assert not len(surest_part(np.zeros(0, dtype=int), np.zeros(0)))


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(0, 1), st.booleans(), st.booleans()), max_size=60))
def test_no_kind_runs_ahead_while_another_has_plain_sessions_left(rows: list[tuple[int, float, bool, bool]]) -> None:
    kind = np.array([row[0] for row in rows], dtype=np.int64)
    sureness = np.array([row[1] for row in rows])
    free = np.array([row[2] for row in rows], dtype=bool)
    held = ~free & np.array([row[3] for row in rows], dtype=bool)
    order = plain_in_turn(kind, sureness, np.arange(len(rows)), free, held)
    plain = free & surest_part(kind, sureness)
    assert sorted(order.tolist()) == np.flatnonzero(plain).tolist()
    counts = np.bincount(kind[held], minlength=5)
    left = np.bincount(kind[plain], minlength=5)
    for number in order:
        assert counts[kind[number]] == min(counts[left > 0])
        counts[kind[number]] += 1
        left[kind[number]] -= 1
