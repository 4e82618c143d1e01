"""The real sessions of clickstream_dmm as the benchmark reads them, where the set is at hand."""

from dataclasses import replace

import numpy as np
import pytest

from tests.benchmarks.clickstream_dmm import FOLDER, PAGE_TYPES, RealSessions, read_split
from tests.benchmarks.purchase_contenders import features

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the public set clickstream_dmm is not beside this checkout"
)


@pytest.fixture(scope="module")
def sessions() -> RealSessions:
    return read_split(0)


def test_test_and_validation_are_whole_and_share_no_session_with_training(sessions: RealSessions) -> None:
    task, split = sessions.task, sessions.split
    parts = [set(task.session[rows]) for rows in (split.training, split.validation, split.test)]
    assert [len(part) for part in parts[1:]] == [5256, 5256]
    assert 13_000 < len(parts[0]) < 15_767, "training sessions without released page types are left out"
    assert len(set.union(*parts)) == sum(map(len, parts))


def test_the_rate_of_buyers_is_the_published_one(sessions: RealSessions) -> None:
    ends = sessions.task.ends
    assert sessions.task.answer[ends].mean() == pytest.approx(0.226, abs=0.005)
    assert sessions.task.length.min() >= 6
    assert set(np.unique(sessions.pages)) == set(range(PAGE_TYPES))


def test_trees_see_nothing_after_the_page(sessions: RealSessions) -> None:
    task = sessions.task
    rows = np.flatnonzero(task.session < 50)
    few = _rows_of(sessions, rows)
    before = features(few)
    k = int(np.flatnonzero(few.task.place == 4)[7])
    later = np.arange(len(rows)) > k
    spoiled = RealSessions(
        few.task, few.split, np.where(later, 6, few.pages), np.where(later, few.seconds + 999, few.seconds)
    )
    np.testing.assert_array_equal(features(spoiled)[: k + 1], before[: k + 1])
    assert not np.array_equal(features(spoiled)[k + 1 :], before[k + 1 :], equal_nan=True)


def _rows_of(sessions: RealSessions, rows: np.ndarray) -> RealSessions:
    task = sessions.task
    session = np.unique(task.session[rows], return_inverse=True)[1]
    few = replace(
        task,
        events=task.events.iloc[rows],
        session=session,
        place=task.place[rows],
        length=task.length[rows],
        answer=task.answer[rows],
    )
    return RealSessions(few, sessions.split, sessions.pages[rows], sessions.seconds[rows])
