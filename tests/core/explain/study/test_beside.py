"""What differs between two models' parts is found; what only varies from visitor to visitor is not taken for it."""

import numpy as np
import pandas as pd
import pytest

from core.explain.study.beside import common_intents, parts_beside
from core.explain.study.report import ExplanationReport


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
