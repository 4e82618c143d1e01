"""Maps of a data folder: made by a process beside the server, brought up to date, and told when they fail."""

import time

import numpy as np
import pytest

from core.projection.maps import MapState, SessionMaps
from core.store.warehouse import Warehouse
from tests.core.active.shop import fill, store_states


def _states(warehouse: Warehouse, sessions: list[str], model_id: str = "m1") -> None:
    random = np.random.default_rng(1)
    embeddings = {one: random.normal(size=8).tolist() for one in sessions}
    store_states(warehouse, dict.fromkeys(sessions, (1, 0, 0)), embeddings, model_id)


def _wait(maps: SessionMaps, model_id: str = "m1") -> MapState:
    deadline = time.monotonic() + 120
    while (state := maps.state(model_id)).running and time.monotonic() < deadline:
        time.sleep(0.1)
    return state


def test_a_map_is_made_and_later_sessions_join_it_where_the_others_stay(warehouse: Warehouse) -> None:
    sessions = fill(warehouse, 45)
    maps = SessionMaps(warehouse)
    _states(warehouse, sessions[:40])
    assert maps.state("m1") == MapState("none", scored=40)
    maps.make("m1")
    assert maps.state("m1").state in {"running", "ready"}
    made = _wait(maps)
    assert (made.state, made.sessions, made.is_stale) == ("ready", 40, False)
    first, version = maps.read("m1").set_index("session_id"), maps.version("m1")
    _states(warehouse, sessions[40:])
    assert maps.state("m1").is_stale
    maps.make("m1")
    assert _wait(maps).sessions == 45
    again = SessionMaps(warehouse).read("m1").set_index("session_id")
    assert again.loc[first.index].equals(first)
    assert maps.version("m1") != version


def test_only_the_serving_models_map_is_kept_and_a_failure_says_why(warehouse: Warehouse) -> None:
    sessions = fill(warehouse, 3)
    maps = SessionMaps(warehouse)
    _states(warehouse, sessions)
    maps.make("m1")
    assert _wait(maps).state == "ready"
    warehouse.write(
        lambda cursor: cursor.execute(
            "INSERT INTO session_states VALUES ('s0', 'm2', 'e', [1], [1, 2]), ('s1', 'm2', 'e', [1], [1])"
        ).fetchall()
    )
    maps.make("m2")
    failed = _wait(maps, "m2")
    assert failed.state == "failed"
    assert "reshape" in str(failed.error)
    assert maps.state("m1").state == "none"
    with pytest.raises(FileNotFoundError):
        maps.read("m1")
