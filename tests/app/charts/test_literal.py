"""Names that people gave are drawn letter by letter, and never taken for numbers."""

from datetime import datetime

import pandas as pd

from app.charts.arrivals import arrivals_figure
from app.charts.evaluation import forest_figure, slices_figure
from app.charts.explanations import boxes_figure
from app.charts.literal import literal
from app.charts.quality import lead_time_figure, over_time_figure
from app.charts.training import scores_figure

NAME = '<a href="http://x">Zoë</a>'
DRAWN = '&lt;a href="http://x"&gt;Zoë&lt;/a&gt;'


def test_a_name_keeps_its_letters() -> None:
    assert literal(NAME) == DRAWN
    assert literal("R&D") == "R&amp;D"
    assert "%{" not in literal("%{y}")


def work(*annotators: str) -> pd.DataFrame:
    times = {"low_ms": 500, "quarter_ms": 900, "median_ms": 1500, "three_quarters_ms": 2500, "high_ms": 6000}
    return pd.DataFrame([{"annotator": name} | times for name in annotators])


def test_annotators_of_figures_are_names() -> None:
    figure = lead_time_figure(work(NAME, "2026"), "s", "2 s")
    assert list(figure.data[0].y) == ["2026", DRAWN]
    assert figure.layout.yaxis.type == "category"
    blocks = pd.DataFrame({"annotator": [NAME], "at": [datetime(2026, 1, 1)], "agreed": [0.5], "n": [10]})
    assert over_time_figure(blocks, "share").data[0].name == DRAWN


def test_sources_models_and_slices_are_names() -> None:
    arrivals = pd.DataFrame({"minute": [pd.Timestamp(2026, 1, 1)], "source": [NAME], "events": [1]})
    assert arrivals_figure(arrivals, datetime(2026, 1, 1), "events").data[0].name == DRAWN
    scores = pd.DataFrame({"name": [NAME, "2026"], "value": [0.5, 0.4], "low": [0.4, 0.3], "high": [0.6, 0.5]})
    scores = scores.assign(n=10, is_model=[True, False], macro_f1=scores["value"])
    for figure in (forest_figure(scores, "F1"), scores_figure(scores)):
        assert list(figure.data[0].y) == ["2026", DRAWN]
        assert figure.layout.yaxis.type == "category"
    slices = pd.DataFrame({"label": [NAME], "n": [9], "macro_f1": [0.5], "low": [0.4], "high": [0.6], "trees": [0.4]})
    drawn = slices_figure(slices, 0.5, ("model", "trees"), "F1", "mean")
    assert [list(trace.y) for trace in drawn.data] == [[DRAWN], [DRAWN], [DRAWN, DRAWN]]


def test_a_template_takes_no_part_of_a_name() -> None:
    points = pd.DataFrame({"low": [0.0], "lower": [0.1], "median": [0.2], "upper": [0.3], "high": [0.4]})
    figure = boxes_figure({"%{x}": points}, [NAME], "points")
    assert list(figure.data[0].y) == [DRAWN]
    assert figure.data[1].hovertemplate.startswith("%&#123;x}: %{x:.2f}")
