"""The Evaluate page's figures: rows in, points, intervals and words out."""

import pandas as pd
import plotly.graph_objects as go

from app.charts.evaluation import calibration_figure, flips_figure, forest_figure, seen_figure, slices_figure

NAMES = {"model": "mine", "trees": "boosted trees"}


def _seen() -> pd.DataFrame:
    rows = [(name, seen, 0.5, 0.4, 0.7, 9, seen) for name in NAMES for seen in ("1", "2", "all")]
    return pd.DataFrame(rows, columns=["name", "seen", "macro_f1", "low", "high", "n", "label"])


def test_the_forest_puts_the_first_row_on_top_with_its_interval() -> None:
    rows = [("mine", 0.6, 0.4, 0.7, 50, True), ("trees", 0.5, 0.5, 0.5, 50, False)]
    figure = forest_figure(pd.DataFrame(rows, columns=["name", "value", "low", "high", "n", "is_model"]), "F1")
    points = figure.data[0]
    assert list(points.y) == ["trees", "mine"], "plotly counts from below"
    assert list(points.error_x.arrayminus) == [0.0, 0.6 - 0.4]
    assert points.marker.color[0] != points.marker.color[1]
    assert figure.layout.xaxis.title.text == "F1"


def test_calibration_shows_points_counts_and_the_honest_line() -> None:
    rows = [(0.5, 0.6, 0.55, 0.5, 0.2, 0.8, 4), (0.9, 1.0, 0.97, 0.9, 0.6, 1.0, 12)]
    curve = pd.DataFrame(rows, columns=["from", "to", "confidence", "right", "low", "high", "n"])
    figure = calibration_figure(curve, "said", "found", "ideal", "count")
    assert [trace.name for trace in figure.data] == ["ideal", "count", "found"]
    assert list(figure.data[1].y) == [4, 12]
    assert list(figure.data[2].y) == [0.5, 0.9]


def test_only_the_first_line_has_a_band_and_every_line_its_own_look() -> None:
    figure = seen_figure(_seen(), NAMES, "events", "F1")
    named = [trace for trace in figure.data if trace.name]
    assert [trace.name for trace in named] == list(NAMES.values())
    assert len(figure.data) == len(named) + 2
    assert len({(trace.line.dash, trace.marker.symbol) for trace in named}) == 2


def test_the_last_bar_of_flips_means_that_many_or_more() -> None:
    rows = [(name, flips, 0.25, 3) for name in NAMES for flips in range(4)]
    counts = pd.DataFrame(rows, columns=["name", "flips", "share", "sessions"])
    figure = flips_figure(counts, NAMES, "flips", "share")
    assert list(figure.data[0].x) == ["0", "1", "2", "3+"]


def test_slices_stand_beside_the_whole_and_the_trees() -> None:
    rows = [("Device: mobile (n = 9)", 9, 0.5, 0.3, 0.6, 0.4), ("Device: desktop (n = 4)", 4, 0.7, 0.2, 0.9, 0.1)]
    slices = pd.DataFrame(rows, columns=["label", "n", "macro_f1", "low", "high", "trees"])
    figure = slices_figure(slices, 0.55, ("mine", "trees"), "F1", "all")
    assert list(figure.data[0].y) == [rows[1][0], rows[0][0]]
    assert list(figure.data[1].x) == [0.1, 0.4]
    assert set(figure.data[2].x) == {0.55}


def test_a_figure_without_rows_is_still_a_figure() -> None:
    assert isinstance(seen_figure(_seen().head(0), NAMES, "events", "F1"), go.Figure)
