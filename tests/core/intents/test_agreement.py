"""Agreement: the published worked example, other people's implementations, and what must hold for any votes."""

import krippendorff
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.intents.agreement import (
    LEAST_SESSIONS,
    cohen_kappas,
    confusion,
    disagreement_by_intent,
    krippendorff_alpha,
    meetings,
)

EXAMPLE = {
    "A": [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    "B": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    "C": [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    "D": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
}
"""Krippendorff 2011, section C: four observers, twelve units, missing data; its nominal alpha is 0.743."""
BEN_AND_GERRY = {"ben": list("aabbdcccedda"), "gerry": list("babbbccceddd")}

RATINGS = st.lists(
    st.lists(st.one_of(st.none(), st.sampled_from("abc")), min_size=3, max_size=3), min_size=1, max_size=25
)


def votes(ratings: dict[str, list], session_size: int = 1) -> pd.DataFrame:
    rows = [
        (f"t{unit}", f"s{unit // session_size}", annotator, str(value))
        for annotator, values in ratings.items()
        for unit, value in enumerate(values)
        if value is not None
    ]
    return pd.DataFrame(rows, columns=["target", "session_id", "annotator", "intent"])


def _by_annotator(rows: list[list[str | None]]) -> dict[str, list[str | None]]:
    return {name: [row[place] for row in rows] for place, name in enumerate("xyz")}


def test_alpha_is_that_of_krippendorffs_worked_example() -> None:
    alpha = krippendorff_alpha(votes(EXAMPLE))
    assert alpha.value == pytest.approx(0.743, abs=0.0005)
    assert (alpha.targets, alpha.votes, alpha.annotators) == (11, 40, 4)


def test_alpha_of_two_observers_and_many_intents_is_that_of_the_worked_example() -> None:
    """Krippendorff 2011, section B: Ben and Gerry, twelve units, nominal alpha 0.692."""
    assert krippendorff_alpha(votes(BEN_AND_GERRY)).value == pytest.approx(0.692, abs=0.0005)


def _reference(ratings: dict[str, list]) -> float:
    codes = {value: float(place) for place, value in enumerate(sorted({str(v) for r in ratings.values() for v in r}))}
    data = [[np.nan if value is None else codes[str(value)] for value in values] for values in ratings.values()]
    return float(krippendorff.alpha(reliability_data=np.array(data), level_of_measurement="nominal"))


@settings(deadline=None)
@given(RATINGS)
def test_alpha_equals_the_krippendorff_packages(rows: list[list[str | None]]) -> None:
    ratings = _by_annotator(rows)
    alpha = krippendorff_alpha(votes(ratings), resamples=5)
    if alpha.value is None:
        assert alpha.undefined is not None
    else:
        assert alpha.undefined is None
        assert alpha.value == pytest.approx(_reference(ratings))


@settings(deadline=None)
@given(RATINGS, st.permutations("xyz"))
def test_who_is_called_what_changes_nothing(rows: list[list[str | None]], names: list[str]) -> None:
    ratings = _by_annotator(rows)
    renamed = dict(zip(names, ratings.values(), strict=True))
    one, other = (krippendorff_alpha(votes(given), resamples=20) for given in (ratings, renamed))
    assert one == other


@settings(deadline=None)
@given(st.lists(st.sampled_from("abc"), min_size=2, max_size=25), st.integers(2, 4))
def test_perfect_agreement_is_one_and_one_intent_is_told(labels: list[str], annotators: int) -> None:
    alpha = krippendorff_alpha(votes({f"n{number}": list(labels) for number in range(annotators)}))
    if len(set(labels)) == 1:
        assert (alpha.value, alpha.undefined) == (None, "one_intent")
    else:
        assert alpha.value == pytest.approx(1.0)
        if len(labels) >= LEAST_SESSIONS:
            assert (alpha.low, alpha.high) == pytest.approx((1.0, 1.0))


@pytest.mark.parametrize(
    ("ratings", "reason"),
    [
        ({}, "no_labels"),
        ({"mei": ["a", "b"]}, "one_annotator"),
        ({"mei": ["a", None], "jonas": [None, "b"]}, "nothing_shared"),
        ({"mei": ["a", "a"], "jonas": ["a", "a"]}, "one_intent"),
    ],
)
def test_what_cannot_be_computed_says_why(ratings: dict[str, list], reason: str) -> None:
    alpha = krippendorff_alpha(votes(ratings))
    assert (alpha.value, alpha.low, alpha.high, alpha.undefined) == (None, None, None, reason)


def test_an_interval_covers_the_value_and_widens_where_events_share_a_session() -> None:
    random = np.random.default_rng(4)
    truth = np.repeat(random.choice(list("abcd"), 60), 5)
    misses = np.repeat(random.random(60) < 0.3, 5)  # a session is misread as a whole
    ratings = {"mei": list(truth), "jonas": list(np.where(misses, "d", truth))}
    alone, clustered = krippendorff_alpha(votes(ratings)), krippendorff_alpha(votes(ratings, session_size=5))
    assert alone.value == clustered.value
    assert alone.low is not None and clustered.low is not None  # noqa: PT018
    assert clustered.low < alone.low < alone.value < alone.high < clustered.high


def test_too_few_sessions_have_no_interval() -> None:
    alpha = krippendorff_alpha(votes({"mei": list("abca"), "jonas": list("abcb")}))
    assert alpha.value is not None
    assert (alpha.low, alpha.high) == (None, None)


@settings(deadline=None)
@given(RATINGS)
def test_kappa_equals_scikit_learns(rows: list[list[str | None]]) -> None:
    from sklearn.metrics import cohen_kappa_score

    ratings = _by_annotator(rows)
    for kappa in cohen_kappas(votes(ratings)):
        pairs = [
            (one, other)
            for one, other in zip(ratings[kappa.first], ratings[kappa.second], strict=True)
            if one and other
        ]
        assert kappa.shared == len(pairs)
        if kappa.value is not None:
            left, right = zip(*pairs, strict=True)
            assert kappa.value == pytest.approx(float(cohen_kappa_score(left, right)))
        else:
            assert kappa.undefined == ("one_intent" if pairs else "nothing_shared")


def test_confusion_counts_a_pair_by_row_and_column_and_everyone_both_ways() -> None:
    given_votes = votes({"mei": list("aabc"), "jonas": list("abbb"), "lin": ["a", None, None, None]})
    np.testing.assert_array_equal(confusion(given_votes, "abc", ("mei", "jonas")), [[1, 1, 0], [0, 1, 0], [0, 1, 0]])
    everyone = confusion(given_votes, "abc")
    np.testing.assert_array_equal(everyone, everyone.T)
    assert everyone.sum() == len(meetings(given_votes)) == 2 * (4 + 1 + 1)


def test_the_least_agreed_intent_comes_first_with_its_rival() -> None:
    found = disagreement_by_intent(votes({"mei": list("aabcc"), "jonas": list("abbcc")}), "abcd")
    assert found["intent"].tolist() == ["a", "b", "c"]
    assert found["rival"].tolist()[:2] == ["b", "a"]
    assert found["share"].tolist() == pytest.approx([1 / 3, 1 / 3, 0.0])
    assert found["said"].tolist() == [3, 3, 4]
