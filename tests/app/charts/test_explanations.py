"""Figures about explanations: points in, boxes out."""

import pandas as pd
import plotly.graph_objects as go

from app.charts.explanations import boxes_figure, parts_figure

COLUMNS = ["low", "lower", "median", "upper", "high"]
ROWS = pd.DataFrame([(0.0, 0.1, 0.2, 0.3, 0.4), (0.1, 0.2, 0.3, 0.4, 0.5)], columns=COLUMNS)
LABELS = ("Deal (n = 9)", "Browse (n = 4)")


def _parts(rows: list[tuple[str, float, float, float, int]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["label", "value", "low", "high", "n"]).assign(whole="all of it " * 10)


def test_each_row_is_a_box_of_the_points_it_was_given() -> None:
    figure = boxes_figure({"this model": ROWS}, LABELS, "Agreement")
    box = figure.data[0]
    assert isinstance(box, go.Box)
    assert list(box.y) == list(LABELS)
    assert (list(box.q1), list(box.median), list(box.q3)) == ([0.1, 0.2], [0.2, 0.3], [0.3, 0.4])
    assert (list(box.lowerfence), list(box.upperfence)) == ([0.0, 0.1], [0.4, 0.5])
    assert figure.layout.yaxis.autorange == "reversed", "plotly counts from below"
    assert figure.layout.xaxis.title.text == "Agreement"
    assert not figure.layout.showlegend


def test_a_base_rate_beside_it_has_its_own_colour_and_a_legend() -> None:
    figure = boxes_figure({"this model": ROWS, "any events": ROWS / 2}, LABELS, "Comprehensiveness")
    boxes = [trace for trace in figure.data if isinstance(trace, go.Box)]
    assert [box.name for box in boxes] == ["this model", "any events"]
    assert boxes[0].marker.color != boxes[1].marker.color
    assert figure.layout.showlegend


def test_without_rows_it_is_still_a_figure() -> None:
    assert isinstance(boxes_figure({"this model": ROWS.head(0)}, (), "Agreement"), go.Figure)


def test_parts_are_bars_in_points_whose_colour_tells_their_side() -> None:
    rows = [("Text", 0.1, 0.05, 0.2, 9), ("Price", -0.02, -0.03, 0.0, 9)]
    figure = parts_figure(_parts(rows), "points")
    bar = figure.data[0]
    assert list(bar.x) == [10.0, -2.0]
    assert [round(value, 6) for value in bar.error_x.array] == [10.0, 2.0]
    assert bar.marker.color[0] != bar.marker.color[1]


def test_a_part_that_may_be_nothing_is_pale() -> None:
    rows = [
        ("sure", 0.1, 0.05, 0.2, 9),
        ("may be nothing", 0.1, -0.01, 0.2, 9),
        ("surely against", -0.1, -0.2, -0.05, 9),
    ]
    bar = parts_figure(_parts(rows), "points").data[0]
    shades = [float(color.rsplit(",", 1)[1].rstrip(")")) for color in bar.marker.color]
    assert shades[0] == shades[2] > 2 * shades[1]


def test_two_labels_cut_to_the_same_are_two_bars_and_tell_their_whole_name() -> None:
    figure = parts_figure(_parts([("kestrel…", 0.1, 0.05, 0.2, 9), ("kestrel…", -0.2, -0.3, -0.1, 9)]), "points")
    bar = figure.data[0]
    assert list(bar.y) == [0, 1]
    assert list(figure.layout.yaxis.ticktext) == ["kestrel…", "kestrel…"]
    assert bar.customdata[0][3].count("<br>") == 2
