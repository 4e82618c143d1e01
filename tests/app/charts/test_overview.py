"""Figures of the Overview page: what is drawn, in whose colour, in which unit."""

import pandas as pd

from app.charts.overview import event_types_figure, intent_mix_figure, series_figure
from app.theme import PRIMARY, intent_color

DAYS = pd.to_datetime(["2026-05-04", "2026-05-05", "2026-05-06"])


def test_a_series_is_drawn_from_zero_in_its_unit() -> None:
    frame = pd.DataFrame({"bucket": DAYS, "events": [3, 5, 4], "visitors": [1, 2, 2]})
    figure = series_figure(frame, "visitors", "Visitors a day")
    [line] = figure.data
    assert list(line.y) == [1, 2, 2]
    assert line.mode == "lines"
    assert (figure.layout.yaxis.title.text, figure.layout.yaxis.rangemode) == ("Visitors a day", "tozero")
    assert figure.layout.xaxis.title.text == "UTC"


def test_a_short_series_shows_its_points() -> None:
    frame = pd.DataFrame({"bucket": DAYS[:1], "events": [3]})
    assert series_figure(frame, "events", "Events a day").data[0].mode == "lines+markers"


def test_intents_are_stacked_in_their_own_colours_whatever_their_order() -> None:
    mix = pd.DataFrame({"bucket": DAYS[[0, 0, 1]], "intent": ["deal", "browse", "deal"], "share": [0.4, 0.6, 1.0]})
    figure = intent_mix_figure(mix, {"browse": "Browse"}, "Mean probability")
    assert figure.layout.barmode == "stack"
    assert {bar.name: bar.marker.color for bar in figure.data} == {
        "deal": intent_color("deal"),
        "Browse": intent_color("browse"),
    }
    assert list(figure.data[0].y) == [0.4, 1.0]
    assert tuple(figure.layout.yaxis.range) == (0, 1)
    assert figure.layout.yaxis.title.text == "Mean probability"


def test_the_commonest_event_type_is_on_top_by_its_name() -> None:
    counts = pd.DataFrame({"event_type": ["view", "search"], "events": [9, 2]})
    figure = event_types_figure(counts, {"view": "View"}, "Events")
    [bars] = figure.data
    assert list(bars.y) == ["search", "View"], "the last one is drawn on top"
    assert list(bars.x) == [2, 9]
    assert bars.marker.color == PRIMARY
    assert figure.layout.xaxis.title.text == "Events"


def test_many_event_types_get_the_height_they_need() -> None:
    counts = pd.DataFrame({"event_type": [f"type{n}" for n in range(40)], "events": range(40)})
    assert event_types_figure(counts, {}, "Events").layout.height == 40 * 24
    assert event_types_figure(counts[:2], {}, "Events").layout.height == 300
