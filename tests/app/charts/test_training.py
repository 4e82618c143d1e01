"""Figures of the Train page: curves by phase, scores with their intervals."""

import pandas as pd

from app.charts.training import curve_figure, scores_figure
from app.theme import NEUTRAL, PRIMARY


def test_a_curve_has_a_line_for_each_phase_and_leaves_out_missing_values() -> None:
    metrics = pd.DataFrame(
        {"step": [1, 2, 3, 4], "phase": ["head", "head", "full", "full"], "loss": [2.0, None, 1.0, 0.5]}
    )
    figure = curve_figure(metrics, "loss")
    assert {line.name: list(line.y) for line in figure.data} == {"head": [2.0], "full": [1.0, 0.5]}


def test_scores_show_the_model_on_top_with_its_interval() -> None:
    scores = pd.DataFrame(
        {
            "name": ["ours", "base rate"],
            "macro_f1": [0.5, 0.1],
            "low": [0.4, 0.05],
            "high": [0.7, 0.2],
            "is_model": [True, False],
        }
    )
    [bars] = scores_figure(scores).data
    assert list(bars.y) == ["base rate", "ours"]
    assert list(bars.marker.color) == [NEUTRAL, PRIMARY]
    assert [round(value, 3) for value in bars.error_x.array] == [0.1, 0.2]
    assert [round(value, 3) for value in bars.error_x.arrayminus] == [0.05, 0.1]
