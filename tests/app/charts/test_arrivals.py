"""The figure of the Collect page."""

from datetime import datetime

import pandas as pd

from app.charts.arrivals import SOURCE_COLORS, arrivals_figure

NOW = datetime(2026, 5, 4, 10, 0, 30)


def test_sources_are_stacked_over_the_last_hour() -> None:
    minutes = pd.to_datetime(["2026-05-04 09:58", "2026-05-04 09:59", "2026-05-04 09:59"])
    arrivals = pd.DataFrame({"minute": minutes, "source": ["web", "app", "web"], "events": [3, 1, 4]})
    figure = arrivals_figure(arrivals, NOW, "Events a minute")
    assert figure.layout.barmode == "stack"
    assert {bar.name: (list(bar.y), bar.marker.color) for bar in figure.data} == {
        "app": ([1], SOURCE_COLORS[0]),
        "web": ([3, 4], SOURCE_COLORS[1]),
    }
    start, end = figure.layout.xaxis.range
    assert (end - start).total_seconds() == 3600
    assert figure.layout.yaxis.title.text == "Events a minute"


def test_an_empty_hour_is_drawn_too() -> None:
    empty = pd.DataFrame({"minute": [], "source": [], "events": []})
    assert not arrivals_figure(empty, NOW, "Events a minute").data
