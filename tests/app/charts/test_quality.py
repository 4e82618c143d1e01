"""Figures of the Quality page."""

import pandas as pd
import pytest

from app.charts.quality import disagreement_figure, lead_time_figure, over_time_figure
from app.theme import intent_color


def test_each_intent_keeps_its_colour_and_says_its_rival() -> None:
    rows = [("deal", 12, 4, 1 / 3, "search"), ("browse", 5, 0, 0.0, None)]
    found = pd.DataFrame(rows, columns=["intent", "said", "disagreed", "share", "rival"])
    bar = disagreement_figure(
        found, {"deal": "Deal", "search": "Search", "browse": "Browse"}, "x", "mostly {rival}"
    ).data[0]
    assert list(bar.y) == ["Browse", "Deal"]  # plotly draws from below
    assert list(bar.text) == ["0/5", "4/12<br>mostly Search"]
    assert list(bar.marker.color) == [intent_color("browse"), intent_color("deal")]


def test_an_annotator_is_a_line_with_a_shape_of_its_own() -> None:
    rows = [(name, pd.Timestamp("2026-05-04"), agreed, 10) for name in ("mei", "jonas") for agreed in (0.8, 0.9)]
    figure = over_time_figure(pd.DataFrame(rows, columns=["annotator", "at", "agreed", "n"]), "Agreement")
    assert [line.name for line in figure.data] == ["jonas", "mei"]
    assert len({line.marker.symbol for line in figure.data}) == 2
    assert len({line.line.dash for line in figure.data}) == 2


@pytest.mark.parametrize("median_ms", [0.0, 100.0, 5000.0, 400_000.0])
def test_the_mark_of_two_seconds_and_every_box_lie_within_the_axis(median_ms: float) -> None:
    columns = ["annotator", "low_ms", "quarter_ms", "median_ms", "three_quarters_ms", "high_ms"]
    spread = [median_ms * factor for factor in (0.2, 0.6, 1.0, 1.5, 3.0)]
    figure = lead_time_figure(pd.DataFrame([["mei", *spread]], columns=columns), "Seconds", "2 s")
    low, high = (10**end for end in figure.layout.xaxis.range)
    assert low <= min(2, max(0.01, spread[0] / 1000))
    assert max(2, spread[-1] / 1000) <= high
    assert figure.layout.annotations[0].text == "2 s"
