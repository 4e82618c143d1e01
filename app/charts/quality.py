"""Figures of the Quality page."""

from collections.abc import Mapping
from math import log10

import pandas as pd
import plotly.graph_objects as go

from app.charts.literal import NAMES, literal
from app.theme import NEUTRAL, PRIMARY, figure_layout, intent_color

HEIGHT = 300
_GRID = "rgba(138,148,166,0.25)"
_COLORS = (PRIMARY, "#B8860B", "#AA3377", "#228833", "#117799", "#777777")
_SYMBOLS = ("circle", "diamond", "square", "x", "triangle-up", "cross")
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
_LEAST_S = 0.01
"""A logarithmic axis has no zero."""
_SECONDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_DATES = (
    {"dtickrange": [None, 86_399_999], "value": "%H:%M<br>%m-%d"},
    {"dtickrange": [86_400_000, None], "value": "%m-%d<br>%Y"},
)


def disagreement_figure(found: pd.DataFrame, names: Mapping[str, str], axis: str, mostly: str) -> go.Figure:
    """A bar an intent: the share of meetings in which the other annotator said something else.

    `found`: intent, said, disagreed, share, rival; `mostly` has {rival}, for the words at the bar's end.
    """
    rows = found.iloc[::-1]
    ends = [
        f"{disagreed}/{said}" + (f"<br>{mostly.format(rival=literal(names.get(rival, rival)))}" if disagreed else "")
        for disagreed, said, rival in zip(rows["disagreed"], rows["said"], rows["rival"], strict=True)
    ]
    figure = go.Figure(
        go.Bar(
            x=rows["share"],
            y=[literal(names.get(intent, intent)) for intent in rows["intent"]],
            orientation="h",
            marker={"color": [intent_color(intent) for intent in rows["intent"]]},
            text=ends,
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.0%} (%{text})<extra></extra>",
        )
    )
    figure.update_layout(figure_layout() | {"hovermode": "closest"}, height=60 + 42 * len(rows), showlegend=False)
    most = float(rows["share"].max()) if len(rows) else 0.0
    figure.update_xaxes(title=axis, tickformat=".0%", range=[0, max(0.1, 2.2 * most)], showgrid=True, gridcolor=_GRID)
    figure.update_yaxes(showgrid=False, **NAMES)
    return figure


def over_time_figure(blocks: pd.DataFrame, axis: str) -> go.Figure:
    """A line an annotator: agreement with the others over time; `blocks`: annotator, at, agreed, n."""
    figure = go.Figure()
    for place, (annotator, rows) in enumerate(blocks.groupby("annotator", sort=True)):
        color = _COLORS[place % len(_COLORS)]
        figure.add_scatter(
            x=rows["at"],
            y=rows["agreed"],
            name=literal(annotator),
            mode="lines+markers",
            line={"color": color, "width": 2, "dash": _DASHES[place % len(_DASHES)]},
            marker={"color": color, "symbol": _SYMBOLS[place % len(_SYMBOLS)], "size": 9},
            customdata=rows[["n"]],
            hovertemplate="%{y:.0%}, n = %{customdata[0]}",
        )
    figure.update_layout(figure_layout(), height=HEIGHT)
    figure.update_xaxes(title="UTC", tickformatstops=_DATES)
    figure.update_yaxes(title=axis, tickformat=".0%", range=[0, 1.04])
    return figure


def lead_time_figure(work: pd.DataFrame, axis: str, line: str) -> go.Figure:
    """A box an annotator: 5, 25, 50, 75 and 95 % of the seconds a label took, on a logarithmic axis.

    `work`: annotator, low_ms, quarter_ms, median_ms, three_quarters_ms, high_ms; `line` names the mark at two seconds.
    """
    rows = work.iloc[::-1]
    spread = rows[["low_ms", "quarter_ms", "median_ms", "three_quarters_ms", "high_ms"]].div(1000).clip(lower=_LEAST_S)
    figure = go.Figure(
        go.Box(
            y=rows["annotator"].map(literal),
            lowerfence=spread["low_ms"],
            q1=spread["quarter_ms"],
            median=spread["median_ms"],
            q3=spread["three_quarters_ms"],
            upperfence=spread["high_ms"],
            orientation="h",
            line={"color": PRIMARY, "width": 2},
            fillcolor="rgba(59,91,219,0.14)",
            hoverinfo="x",
        )
    )
    figure.add_vline(x=2, line={"color": NEUTRAL, "dash": "dot"})
    mark = {"text": line, "showarrow": False, "yref": "paper", "yanchor": "bottom", "font": {"color": NEUTRAL}}
    figure.add_annotation(x=log10(2), y=1, **mark)
    figure.update_layout(figure_layout() | {"hovermode": "closest"}, height=110 + 46 * len(rows), showlegend=False)
    figure.update_layout(margin={"l": 8, "r": 8, "t": 26, "b": 8})
    least, most = spread["low_ms"].min(), spread["high_ms"].max()
    ends = (log10(min(1.5, 0.8 * least)), log10(max(4.0, 1.25 * most)))
    ticks = {"tickvals": _SECONDS, "ticktext": [f"{value:g}" for value in _SECONDS]}
    figure.update_xaxes(title=axis, type="log", range=ends, showgrid=True, gridcolor=_GRID, **ticks)
    figure.update_yaxes(showgrid=False, **NAMES)
    return figure
