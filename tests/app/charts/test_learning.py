"""The learning curve: a point a model with its interval, apart by how it was measured."""

from datetime import datetime

import pandas as pd

from app.charts.learning import learning_curve_figure
from core.learning.curve import CURVE_COLUMNS

NAMES = {"random": "by lot", "latest": "latest", "base_rate": "base"}


def curve() -> pd.DataFrame:
    rows = [
        ("m2", datetime(2026, 1, 2), "challenger", 40, 0.5, 0.4, 0.62, 12, 0.2, "random"),
        ("m1", datetime(2026, 1, 1), "champion", 20, 0.4, 0.25, 0.5, 8, None, "latest"),
        ("m3", datetime(2026, 1, 3), "challenger", 60, 0.6, 0.55, 0.7, 20, 0.25, "random"),
    ]
    return pd.DataFrame(rows, columns=list(CURVE_COLUMNS))


def test_models_measured_differently_are_not_joined_by_a_line() -> None:
    figure = learning_curve_figure(curve(), NAMES, "labels", "macro-F1")
    by_lot, latest, base = figure.data
    assert [trace.name for trace in figure.data] == ["by lot", "latest", "base"]
    assert (list(by_lot.x), list(by_lot.y)) == ([40, 60], [0.5, 0.6])
    assert [round(value, 2) for value in by_lot.error_y.array] == [0.12, 0.1]
    assert [round(value, 2) for value in by_lot.error_y.arrayminus] == [0.1, 0.05]
    assert (list(latest.x), list(latest.y)) == ([20], [0.4])
    assert (list(base.x), list(base.y)) == ([40, 60], [0.2, 0.25])
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("labels", "macro-F1")


def test_what_was_not_measured_takes_no_room_in_the_legend() -> None:
    only = curve().query("how == 'random'")
    assert [trace.name for trace in learning_curve_figure(only, NAMES, "x", "y").data] == ["by lot", "base"]
