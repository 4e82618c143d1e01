"""Figures of the Overview page."""

import pandas as pd
import plotly.graph_objects as go

from app.charts.literal import literal
from app.theme import PRIMARY, figure_layout, intent_color

HEIGHT = 300
_TYPE_HEIGHT = 24
_DAY_MS = 86_400_000
_DATES = (
    {"dtickrange": [None, _DAY_MS - 1], "value": "%H:%M<br>%m-%d"},
    {"dtickrange": [_DAY_MS, None], "value": "%m-%d<br>%Y"},
)
"""In figures: plotly's names of months would be English in every language."""


def series_figure(frame: pd.DataFrame, column: str, unit: str) -> go.Figure:
    """One line over time: `bucket` (UTC) against a column, in its unit ("Events a day")."""
    figure = go.Figure(
        go.Scatter(
            x=frame["bucket"],
            y=frame[column],
            name=unit,
            mode="lines" if len(frame) > 2 else "lines+markers",
            line={"color": PRIMARY, "width": 2},
            fill="tozeroy",
            fillcolor="rgba(59,91,219,0.12)",
        )
    )
    figure.update_layout(figure_layout(), height=HEIGHT, showlegend=False)
    figure.update_yaxes(rangemode="tozero", title=unit)
    figure.update_xaxes(title="UTC", tickformatstops=_DATES)
    return figure


def intent_mix_figure(mix: pd.DataFrame, names: dict[str, str], unit: str) -> go.Figure:
    """Stacked shares of intents over time, in the intents' own colours; `mix`: bucket, intent, share."""
    figure = go.Figure()
    for intent in mix["intent"].unique():
        rows = mix[mix["intent"] == intent]
        figure.add_bar(
            x=rows["bucket"],
            y=rows["share"],
            name=literal(names.get(intent, intent)),
            marker={"color": intent_color(intent), "line": {"width": 0}},
            hovertemplate="%{y:.0%}",
        )
    figure.update_layout(figure_layout(), height=HEIGHT, barmode="stack", bargap=0.08)
    figure.update_yaxes(tickformat=".0%", range=[0, 1], title=unit)
    figure.update_xaxes(title="UTC", tickformatstops=_DATES)
    return figure


def event_types_figure(counts: pd.DataFrame, names: dict[str, str], unit: str) -> go.Figure:
    """Events by type, the commonest on top."""
    rows = counts.iloc[::-1]
    figure = go.Figure(
        go.Bar(
            x=rows["events"],
            y=[names.get(kind, kind) for kind in rows["event_type"]],
            orientation="h",
            marker={"color": PRIMARY},
            hovertemplate="%{x:,}<extra></extra>",
        )
    )
    layout = figure_layout() | {"hovermode": "closest"}
    figure.update_layout(layout, height=max(HEIGHT, _TYPE_HEIGHT * len(rows)))
    figure.update_xaxes(title=unit, showgrid=True, gridcolor="rgba(138,148,166,0.25)")
    return figure
