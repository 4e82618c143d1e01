"""What differs between two models' parts is found; what only varies from visitor to visitor is not taken for it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.explain.study.beside import (
    COLUMNS,
    SURE,
    common_intents,
    differences,
    parts_beside,
    shared_sessions,
    speaking_beside,
)
from core.explain.study.report import LEAST_VISITORS, ExplanationReport


def _report(price: float, seed: int, visitors: int = 60, text: float = 0.1) -> ExplanationReport:
    """Visitors differ much among themselves, in the same way for every model; each model adds a little noise."""
    shared, own = np.random.default_rng(0), np.random.default_rng(seed)
    level = shared.normal(0, 0.3, visitors)
    rows = pd.DataFrame(
        {
            "visitor_id": [f"v{at}" for at in range(visitors)],
            "intent": "deal",
            "field:price": price + level + own.normal(0, 0.02, visitors),
            "field:text": text + level + own.normal(0, 0.02, visitors),
            "type:search": np.where(np.arange(visitors) % 2, 0.2, np.nan),
        }
    )
    return ExplanationReport(f"m{seed}", "integrated_gradients", True, rows, pd.DataFrame())


def test_a_planted_difference_is_told_from_none() -> None:
    found = parts_beside(_report(0.3, 1), _report(0.2, 2), "field", "deal").set_index("name")
    assert found.index.tolist() == ["price", "text"]
    assert found.loc["price", "value"] == pytest.approx(0.1, abs=0.01)
    assert found.loc["price", "low"] > 0
    assert found.loc["text", "low"] < 0 < found.loc["text", "high"]
    width = found["high"] - found["low"]
    assert (width < 0.03).all(), "the same visitors for both: what they share cancels out"


def test_difference_of_a_model_with_itself_is_nothing() -> None:
    report = _report(0.3, 1)
    found = parts_beside(report, report, "type", "deal")
    assert found[["value", "low", "high"]].to_numpy().tolist() == [[0.0, 0.0, 0.0]]
    assert found.loc[0, "first"] == pytest.approx(0.1)


def test_a_part_that_one_model_lacks_counts_as_nothing_there() -> None:
    other = _report(0.3, 2)
    without = ExplanationReport("w", "i", True, other.predictions.drop(columns="field:text"), pd.DataFrame())
    found = parts_beside(other, without, "field", "deal").set_index("name")
    assert found.loc["text", "second"] == 0.0
    assert found.loc["text", "value"] == pytest.approx(found.loc["text", "first"])


def test_intents_of_too_few_visitors_are_not_offered() -> None:
    assert common_intents(_report(0.1, 1), _report(0.1, 2)) == ["deal"]
    assert common_intents(_report(0.1, 1), _report(0.1, 2, visitors=9)) == []
    assert parts_beside(_report(0.1, 1), _report(0.1, 2), "field", "browse").empty
    assert parts_beside(_report(0.1, 1), ExplanationReport("e", "i", True, EMPTY, EMPTY), "field", "deal").empty


EMPTY = pd.DataFrame({"visitor_id": [], "session_id": [], "intent": []})


def _saying(rows: list[tuple[str, str, float]], kind: str = "word") -> ExplanationReport:
    """A model whose sessions say `deal`; rows: visitor, word, what it adds."""
    occurred = pd.DataFrame(rows, columns=["visitor_id", "name", "value"]).assign(intent="deal", kind=kind)
    predictions = occurred[["visitor_id"]].drop_duplicates().assign(intent="deal")
    return ExplanationReport("m", "i", True, predictions, pd.DataFrame(), occurred)


def _many_words(own: int, planted: float, words: int = 40, visitors: int = 50) -> ExplanationReport:
    """Half of the visitors meet each word; w0 adds `planted` more, all else is the visitor's own level and noise."""
    shared, noise = np.random.default_rng(0), np.random.default_rng(own)
    level = shared.normal(0, 0.3, visitors)
    met = shared.random((visitors, words)) < 0.5
    rows = [
        (f"v{visitor}", f"w{word}", level[visitor] + (planted if word == 0 else 0.0) + noise.normal(0, 0.02))
        for visitor, word in np.argwhere(met).tolist()
    ]
    return _saying(rows)


def test_a_planted_word_is_found_among_many_and_hardly_another() -> None:
    found = speaking_beside(_many_words(1, 0.1), _many_words(2, 0.0), "word", "deal")
    first = found.iloc[0]
    assert (first["name"], first["n_first"], first["n_second"]) == ("w0", first["n_second"], first["n_first"])
    assert first["low"] <= 0.1 <= first["high"]
    assert first["low"] > 0.05
    assert (found["high"] - found["low"]).max() < 0.04, "visitors differ by far more, in both models alike"
    sure = found[found["adjusted_p"] <= SURE]
    missing_zero = found[(found["low"] > 0) | (found["high"] < 0)]
    assert sure["name"].tolist() == ["w0"]
    assert len(missing_zero) > 1, "an interval in twenty misses zero by chance"


def test_intervals_cover_what_was_planted_as_often_as_they_say() -> None:
    covered = []
    for seed in range(60):
        found = speaking_beside(_many_words(2 * seed, 0.1), _many_words(2 * seed + 1, 0.0), "word", "deal", seed=seed)
        planted = (found["name"] == "w0").to_numpy() * 0.1
        covered.append(float(((found["low"] <= planted) & (planted <= found["high"])).mean()))
    assert 0.90 < np.mean(covered) < 0.98


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 30), st.integers(1, 6), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_two_copies_of_one_model_differ_in_nothing(visitors: int, words: int, share: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    met = np.argwhere(random.random((visitors, words)) < share).tolist() * 2
    report = _saying([(f"v{visitor}", f"w{word}", random.normal()) for visitor, word in met])
    found = differences(report, report, "word", "deal")
    assert tuple(found) == COLUMNS
    assert found[["value", "low", "high"]].eq(0).all(axis=None)
    assert found["adjusted_p"].eq(1).all()
    told = report.speaking("word", "deal").set_index("name")
    assert set(found["name"]) == set(told.index)
    mean = found.set_index("name")["first"].astype(float)
    np.testing.assert_allclose(mean, told.loc[mean.index, "value"].astype(float), atol=1e-12)


def test_swapping_the_models_turns_every_difference_round() -> None:
    one, other = _many_words(1, 0.1), _many_words(2, 0.0)
    there, back = (
        differences(*pair, "word", "deal").set_index("name").sort_index() for pair in ((one, other), (other, one))
    )
    np.testing.assert_allclose(there["value"], -back["value"])
    np.testing.assert_allclose(there["low"], -back["high"])
    np.testing.assert_allclose(there["adjusted_p"], back["adjusted_p"])


def test_words_of_few_visitors_in_either_model_are_left_out_and_twins_share_a_row() -> None:
    many = [(f"v{n}", word, 0.1 + n / 100) for n in range(LEAST_VISITORS) for word in ("休闲", "闲椅", "oak")]
    few = [row for row in many if row[1] != "oak" or row[0] != "v0"]
    assert speaking_beside(_saying(many), _saying(many), "word", "deal")["name"].tolist() == ["oak · 休闲椅"]
    assert speaking_beside(_saying(many), _saying(few), "word", "deal")["name"].tolist() == ["休闲椅"]
    assert speaking_beside(_saying(many), _saying(many), "transition", "deal").empty
    assert speaking_beside(_saying(many), _report(0.1, 1), "word", "deal").empty


def test_sessions_of_both_studies_are_counted() -> None:
    one, other = (
        ExplanationReport("m", "i", True, pd.DataFrame({"session_id": list(ids)}), EMPTY) for ids in ("abc", "bcd")
    )
    assert shared_sessions(one, other) == 2
