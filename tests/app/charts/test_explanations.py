"""Figures about explanations: points in, boxes out."""

import pandas as pd
import plotly.graph_objects as go

from app.charts.explanations import boxes_figure

COLUMNS = ["low", "lower", "median", "upper", "high"]
ROWS = pd.DataFrame([(0.0, 0.1, 0.2, 0.3, 0.4), (0.1, 0.2, 0.3, 0.4, 0.5)], columns=COLUMNS)
LABELS = ("Deal (n = 9)", "Browse (n = 4)")


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
