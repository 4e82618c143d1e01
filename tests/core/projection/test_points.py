"""Points of a map: what is known of each session, and what lies within an outline."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.projection.points import REACH, inside, scaled, session_points
from core.store.warehouse import Warehouse
from tests.core.active.shop import fill, label, store_states

SQUARE = [[0, 0], [10, 0], [10, 10], [0, 10]]
HORSESHOE = [[0, 0], [10, 0], [10, 10], [7, 10], [7, 3], [3, 3], [3, 10], [0, 10]]


@pytest.mark.parametrize(
    ("outline", "within"),
    [
        (SQUARE, [True, True, False]),
        (HORSESHOE, [False, True, False]),
        ([[0, 0], [1, 1]], [False] * 3),
        ([], [False] * 3),
    ],
)
def test_what_lies_within_an_outline(outline: list[list[float]], within: list[bool]) -> None:
    x, y = np.array([5, 1, 11]), np.array([5, 1, 5])
    np.testing.assert_array_equal(inside(outline, x, y), within)


@given(some.lists(some.tuples(some.integers(-50, 50), some.integers(-50, 50)), min_size=1, max_size=30))
def test_a_box_holds_what_is_between_its_sides(points: list[tuple[int, int]]) -> None:
    x, y = np.array(points).T
    box = [[-20.5, -10.5], [30.5, -10.5], [30.5, 20.5], [-20.5, 20.5]]
    expected = (x > -20.5) & (x < 30.5) & (y > -10.5) & (y < 20.5)
    np.testing.assert_array_equal(inside(box, x, y), expected)
    np.testing.assert_array_equal(inside(box[::-1], x, y), expected)


def test_coordinates_fill_two_bytes_and_keep_their_shape() -> None:
    found = scaled(np.array([0.0, 4.0, 2.0], dtype=np.float32), np.array([1.0, 1.0, 2.0], dtype=np.float32))
    assert found["x"].tolist() == [-REACH, REACH, 0]
    assert found["y"].tolist() == [-REACH // 4, -REACH // 4, REACH // 4]
    assert scaled(np.zeros(0), np.zeros(0))["x"].dtype == np.int16


def test_points_tell_prediction_labels_and_leave_bots_out(warehouse: Warehouse) -> None:
    sessions = fill(warehouse, 4)
    model = store_states(warehouse, {"s0": (0.7, 0.2, 0.1), "s1": (0.1, 0.1, 0.8), "s3": (1, 0, 0)})
    label(warehouse, "s0", "jonas", "search", status="gold")
    label(warehouse, "s0", "mei", "browse")
    label(warehouse, "s1", "jonas", "purchase")
    warehouse.write(
        lambda cursor: cursor.execute("UPDATE sessions SET is_bot = true WHERE session_id = 's3'").fetchall()
    )
    layout = pd.DataFrame({"session_id": sessions, "x": [0.0, 1, 2, 3], "y": [0.0, 1, 2, 3]})
    points = session_points(warehouse, model, layout, "mei").set_index("session_id")
    assert set(points.index) == {"s0", "s1", "s2"}
    assert points.loc["s0", ["predicted", "said", "mine", "events"]].tolist() == ["browse", "search", "browse", 2]
    assert points.loc["s1", ["predicted", "said"]].tolist() == ["purchase", "purchase"]
    assert points.loc["s2", ["predicted", "said", "mine", "score"]].isna().all()
    assert points.loc["s1", "score"] == pytest.approx(0.8)
