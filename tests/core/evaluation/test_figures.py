"""Figures by hand: prefixes, flips, calibration, slices, mistakes."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.evaluation.calibration_curve import calibration_curve, wilson_interval
from core.evaluation.flips import count_flips, flip_counts, flip_summary, session_flips
from core.evaluation.mistakes import behind_cell, most_confident_wrong, worst_by_loss
from core.evaluation.prefix_quality import by_events_seen, by_share_seen
from core.evaluation.slices import MOST_VALUES, OTHERS, UNKNOWN, language_of, slice_scores
from core.training.metrics import expected_calibration_error
from tests.core.evaluation.records import Played, records

GUESSES = st.lists(st.integers(0, 3), max_size=40)


def _of_model(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["name"] == "model"].set_index("seen")


def test_quality_grows_with_the_events_seen() -> None:
    played = records(Played("a", "bs", "s"), Played("b", "ddddd", "d"), Played("c", "b", "s"), Played("d", "bbb", None))
    seen = _of_model(by_events_seen(played))
    assert seen["n"].to_dict() == {"1": 3, "2": 2, "3": 1, "5": 1, "all": 3}, "10 events nobody has; d has no label"
    assert seen.loc["1", "macro_f1"] == pytest.approx((0 + 1) / 2)
    assert seen.loc["2", "macro_f1"] == pytest.approx(1.0)
    assert seen.loc["all", "macro_f1"] == pytest.approx((2 / 3 + 1) / 2)


def test_shares_are_of_each_sessions_own_length() -> None:
    seen = _of_model(by_share_seen(records(Played("a", "bbss", "s"), Played("b", "s", "s"))))
    assert seen["n"].tolist() == [2, 2, 2]
    assert seen["macro_f1"].tolist() == pytest.approx([2 / 3, 2 / 3, 1.0]), "events 1, 2 and 3 of 4"


def test_without_session_labels_there_is_no_curve() -> None:
    assert by_events_seen(records(Played("a", "bs", None))).empty


@pytest.mark.parametrize(("guesses", "expected"), [("b", (0, 0)), ("bbss", (1, 0)), ("bsb", (2, 1)), ("bsbsd", (4, 2))])
def test_flips_and_returns(guesses: str, expected: tuple[int, int]) -> None:
    found = session_flips(records(Played("a", guesses, "b")))
    assert tuple(found[["flips", "returns"]].iloc[0]) == expected
    assert found["events"].tolist() == [len(guesses)]


@given(GUESSES)
def test_flips_are_the_changes_and_returns_are_some_of_them(guesses: list[int]) -> None:
    flips, returns = count_flips(np.array(guesses, dtype=np.int64))
    assert flips == sum(one != other for one, other in pairwise(guesses))
    assert 0 <= returns <= max(flips - 1, 0)
    assert count_flips(np.repeat(np.array(guesses, dtype=np.int64), 2)) == (flips, returns), "staying is no flip"


def test_flips_are_summed_up_beside_baselines() -> None:
    played = records(Played("a", "bsb", "b"), Played("b", "dd", "d"))
    row = flip_summary(played).set_index("name").loc["model"]
    assert row.to_dict() == {"flips": 1.0, "steady": 0.5, "returning": 0.5, "n": 2}
    counts = flip_counts(played)
    assert counts[counts["name"] == "model"]["sessions"].tolist() == [1, 0, 1, 0, 0]
    assert counts.groupby("name")["share"].sum().tolist() == pytest.approx([1.0] * 4)


def test_the_curve_holds_the_calibration_error() -> None:
    played = records(
        Played("a", "b", "b", sure=[0.95]),
        Played("b", "s", "b", sure=[0.91]),
        Played("c", "d", "d", sure=[0.52]),
        Played("d", "d", "d", sure=[1.0]),
    ).labelled()
    curve = calibration_curve(played)
    assert curve["n"].tolist() == [1, 3]
    assert curve["right"].tolist() == pytest.approx([1.0, 2 / 3])
    error = ((curve["confidence"] - curve["right"]).abs() * curve["n"]).sum() / curve["n"].sum()
    assert error == pytest.approx(expected_calibration_error(played.labels(), played.answers["model"]), abs=1e-6)


@given(st.integers(1, 500), st.floats(0, 1))
def test_wilsons_interval_holds_the_share_and_narrows(n: int, share: float) -> None:
    low, high = wilson_interval(share, n)
    assert 0 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1
    assert high - low > wilson_interval(share, 4 * n)[1] - wilson_interval(share, 4 * n)[0]


def test_wilsons_interval_by_hand() -> None:
    assert wilson_interval(0.5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)


@pytest.mark.parametrize(
    ("words", "language"),
    [("red shoes", "latin"), ("手机 case", "zh"), ("42 - 7", "none"), (None, "none"), ("", "none"), ("обувь", "latin")],
)
def test_language_is_told_by_its_letters(words: str | None, language: str) -> None:
    assert language_of(words) == language


def _traits(*rows: tuple[str, str | None, str | None, int, str | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["session_id", "device", "channel", "earlier_sessions", "words"])


def test_slices_carry_their_n_and_their_baselines() -> None:
    played = records(Played("a", "b", "b"), Played("b", "s", "s"), Played("c", "d", "b")).labelled()
    traits = _traits(("a", "mobile", None, 0, "鞋"), ("b", "mobile", "email", 2, "shoes"))
    found = slice_scores(played, traits).set_index(["slice", "value"])
    assert found.loc[("device", "mobile"), "n"] == 2
    assert found.loc[("device", "mobile"), "macro_f1"] == 1.0
    assert found.loc[("device", "mobile"), "base_rate"] == pytest.approx((2 / 3) / 2)
    assert found.loc[("device", UNKNOWN), "n"] == 1, "c is no longer in the warehouse"
    assert found.loc[("visitor", "new"), "n"] == found.loc[("visitor", "returning"), "n"] == 1
    assert found.loc[("channel", UNKNOWN), "n"] == 2
    assert found.groupby("slice")["n"].sum().tolist() == [3] * 4


def test_rare_values_are_one_slice() -> None:
    names = [f"s{number}" for number in range(2 * MOST_VALUES)]
    played = records(*(Played(name, "b", "b") for name in names)).labelled()
    found = slice_scores(played, _traits(*((name, f"device {name}", "web", 0, None) for name in names)))
    devices = found[found["slice"] == "device"].set_index("value")["n"]
    assert devices[OTHERS] == MOST_VALUES
    assert len(devices) == MOST_VALUES + 1


def test_mistakes_come_worst_first_and_only_mistakes() -> None:
    played = records(
        Played("right", "b", "b", sure=[0.4]),
        Played("sure", "s", "b", sure=[0.9]),
        Played("unsure", "d", "b", sure=[0.5]),
    ).labelled()
    assert worst_by_loss(played)["session_id"].tolist() == ["sure", "unsure"]
    confident = most_confident_wrong(played)
    assert confident["session_id"].tolist() == ["sure", "unsure"]
    first = confident.iloc[0]
    assert (first["answer"], first["guess"]) == ("browse", "search")
    assert first["loss"] == pytest.approx(-np.log(0.05), rel=1e-3)
    assert behind_cell(played, "browse", "deal")["session_id"].tolist() == ["unsure"]
    assert behind_cell(played, "deal", "deal").empty
