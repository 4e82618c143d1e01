"""What the Evaluate page says of swept numbers: units, round ticks, and words in both languages."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from app.charts.dependence import dependence_figure, intents_figure
from app.i18n import LANGUAGES, catalogue, speaking
from app.views.evaluate_dependence import MOST_TICKS, number_axis, spoken
from core.explain.study.dependence import FEATURES

CURVE = pd.DataFrame(
    {
        "value": [1.0, 10.0, 100.0],
        "mean": [0.2, 0.3, 0.1],
        "low": [0.15, 0.25, 0.05],
        "high": [0.25, 0.35, 0.15],
        "lower": [0.0, 0.1, 0.0],
        "upper": [0.5, 0.6, 0.4],
        "n": [4, 4, 4],
    }
)
NAMES = dict.fromkeys(("mean", "interval", "spread", "single", "own", "value"), "words")


@pytest.mark.parametrize(
    ("feature", "value", "words"),
    [
        ("price", 1438.9, "1,439 CNY"),
        ("price", 9.5, "9.50 CNY"),
        ("pause", 90.0, "1 min 30 s"),
        ("absence", 93_600.0, "1 d 2 h"),
    ],
)
def test_numbers_are_said_in_their_unit(feature: str, value: float, words: str) -> None:
    assert spoken(feature, value, "CNY") == words
    assert "None" not in spoken(feature, value, None)


@pytest.mark.parametrize(
    ("feature", "low", "high", "is_log"),
    [
        ("price", 29.9, 1438.9, True),
        ("price", 10.0, 40.0, False),
        ("pause", 1.0, 310.0, True),
        ("absence", 3e4, 4e6, True),
    ],
)
def test_ticks_are_round_few_and_within(feature: str, low: float, high: float, is_log: bool) -> None:
    axis = number_axis(feature, "title", low, high)
    assert axis.is_log == is_log
    assert 2 <= len(axis.ticks) <= MOST_TICKS
    assert all(low <= tick <= high for tick in axis.ticks)
    assert len(set(axis.labels)) == len(axis.labels) == len(axis.ticks)


def test_a_range_without_a_round_pause_still_has_ticks() -> None:
    assert len(number_axis("pause", "title", 70.0, 80.0).ticks) == 2


def test_the_figure_has_mean_bands_single_lines_and_a_rug_below_them() -> None:
    singles = np.linspace(0, 1, 12).reshape(4, 3)
    axis = number_axis("pause", "Pause", 1.0, 100.0)
    figure = dependence_figure(CURVE, singles, np.array([3.0, 2.0, 50.0]), "#3B5BDB", axis, NAMES)
    assert figure.layout.xaxis.type == "log"
    assert len([trace for trace in figure.data if trace.legendgroup == "single"]) == 4
    assert next(trace for trace in figure.data if trace.mode == "lines+markers").y.tolist() == [0.2, 0.3, 0.1]
    rug = next(trace for trace in figure.data if trace.mode == "markers")
    assert rug.x.tolist() == [2.0, 3.0, 50.0]
    assert max(rug.y) < 0
    assert isinstance(intents_figure({"Deal": CURVE}, ["#3B5BDB"], axis, "Mean"), go.Figure)


def test_every_number_has_its_words_in_both_languages() -> None:
    wanted = {f"evaluate_dependence.{part}{name}" for name in FEATURES for part in ("", "axis_", "words_")}
    wanted |= {"evaluate.explanations_phase_dependence"}
    for language in LANGUAGES:
        assert wanted <= set(catalogue(language))
        with speaking(language):
            assert spoken("pause", 5.0, None)
