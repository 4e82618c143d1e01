"""The layout: groups stay groups, the same input gives the same map, and new sessions land beside their like."""

from pathlib import Path

import numpy as np
import pytest

from core.projection.job import read_map, write_map
from core.projection.layout import fit_layout, of_length_one, place


def _groups(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Points [count, 16] about three directions, and which of them."""
    random = np.random.default_rng(seed)
    group = np.arange(count) % 3
    centres = np.eye(16)[:3] * 4
    return of_length_one(centres[group] + random.normal(scale=0.4, size=(count, 16))), group


def _quiet(done: int, total: int) -> None:
    assert 0 <= done <= total


def _nearest_group(layout: np.ndarray, group: np.ndarray, at: np.ndarray) -> np.ndarray:
    return group[np.linalg.norm(layout[None] - at[:, None], axis=2).argmin(axis=1)]


def test_groups_stay_apart_and_new_points_land_in_theirs() -> None:
    points, group = _groups(240)
    layout = fit_layout(points[:200], seed=0, threads=1, progress=_quiet)
    centres = np.stack([layout[group[:200] == one].mean(axis=0) for one in range(3)])
    spread = max(layout[group[:200] == one].std() for one in range(3))
    assert np.linalg.norm(centres[0] - centres[1]) > 2 * spread
    placed = place(points[200:], points[:200], layout)
    np.testing.assert_array_equal(_nearest_group(layout, group[:200], placed), group[200:])


def test_the_same_points_and_seed_give_the_same_map() -> None:
    points, _ = _groups(150)
    one, two = (fit_layout(points, seed=3, threads=2, progress=_quiet) for _ in range(2))
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_very_few_points_have_a_place(count: int) -> None:
    layout = fit_layout(_groups(count)[0], seed=0, threads=1, progress=_quiet)
    assert layout.shape == (count, 2)
    assert np.isfinite(layout).all()


def test_what_progress_raises_ends_the_fit() -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit_layout(_groups(60)[0], seed=0, threads=1, progress=stop)


def test_a_map_is_kept_and_read_by_session(tmp_path: Path) -> None:
    layout = np.array([[0.5, 1], [2, 3]], dtype=np.float32)
    write_map(tmp_path / "deep" / "map.parquet", np.array(["b", "a"], dtype=object), layout)
    asked = np.array(["a", "c", "b"], dtype=object)
    np.testing.assert_array_equal(read_map(tmp_path / "deep" / "map.parquet", asked)[[0, 2]], layout[::-1])
    assert np.isnan(read_map(tmp_path / "deep" / "map.parquet", asked)[1]).all()
    assert np.isnan(read_map(tmp_path / "none.parquet", asked)).all()
