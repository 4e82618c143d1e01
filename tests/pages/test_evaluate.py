"""What the Evaluate page decides before it draws: verdicts, points, who is better."""

import pandas as pd
import pytest

from app.i18n import LANGUAGES, catalogue
from app.views.evaluate_comparison import _better
from app.views.evaluate_headline import LEAST_VISITORS, signed, verdict
from app.views.evaluate_quality import LEAST_SESSIONS, labelled_points
from core.evaluation.scores import Score


@pytest.mark.parametrize(
    ("low", "high", "visitors", "expected"),
    [(0.01, 0.3, 40, "ahead"), (-0.1, 0.3, 40, "unsure"), (-0.3, -0.1, 40, "behind"), (0.1, 0.3, 9, "few")],
)
def test_a_lead_counts_only_beyond_chance_and_on_enough_visitors(
    low: float, high: float, visitors: int, expected: str
) -> None:
    assert LEAST_VISITORS == 10
    assert verdict(Score((low + high) / 2, low, high, 50), visitors) == expected
    for language in LANGUAGES:
        assert {f"evaluate.verdict_{expected}", f"evaluate.difference_{expected}"} <= set(catalogue(language))


def test_a_difference_shows_its_sign() -> None:
    assert [signed(value) for value in (0.126, -0.5, 0.0)] == ["+0.13", "−0.50", "+0.00"]


def test_less_is_better_for_errors_and_more_for_the_rest() -> None:
    models = ("one", "other")
    assert _better("macro_f1", 0.5, 0.6, models) == "other"
    assert _better("ece", 0.5, 0.6, models) == "one"
    assert _better("flips", 2.0, 1.0, models) == "other"
    assert _better("brier", 0.2001, 0.2002, models) == "="
    assert _better("half_seen", None, 0.2, models) == "="


def test_points_of_too_few_sessions_are_not_drawn() -> None:
    rows = [("model", "1", 0.5, 0.4, 0.6, 20), ("model", "10", 0.5, 0.0, 1.0, LEAST_SESSIONS - 1)]
    scored = pd.DataFrame(rows, columns=["name", "seen", "macro_f1", "low", "high", "n"])
    assert labelled_points(scored, "events")["label"].tolist() == ["1<br>n = 20"]
    assert labelled_points(scored, "share")["label"].tolist() == ["1%<br>n = 20"]
