"""Figure of the Collect page."""

from datetime import datetime, timedelta

import pandas as pd
import plotly.graph_objects as go

from app.charts.literal import literal
from app.theme import figure_layout

HEIGHT = 240
MINUTES = 60
_BAR_MS = 50_000
"""Of a minute's 60,000: left to itself, plotly draws a lone bar as thin as a hair."""

SOURCE_COLORS = ("#3B5BDB", "#E8590C", "#2B8A3E", "#9C36B5", "#0C8599", "#8A94A6")
"""In the order of the sources' names; the last stands for all further ones."""


def arrivals_figure(arrivals: pd.DataFrame, now: datetime, unit: str) -> go.Figure:
    """Events a minute of the last hour, stacked by source; `arrivals`: minute (UTC), source, events."""
    end = pd.Timestamp(now).floor("min")
    figure = go.Figure()
    for place, source in enumerate(sorted(arrivals["source"].unique())):
        rows = arrivals[arrivals["source"] == source]
        color = SOURCE_COLORS[min(place, len(SOURCE_COLORS) - 1)]
        marker = {"color": color, "line": {"width": 0}}
        figure.add_bar(x=rows["minute"], y=rows["events"], name=literal(source), marker=marker, width=_BAR_MS)
    figure.update_layout(figure_layout(), height=HEIGHT, barmode="stack", showlegend=True)
    half = timedelta(seconds=30)
    figure.update_xaxes(title="UTC", tickformat="%H:%M", range=[end - timedelta(minutes=MINUTES) + half, end + half])
    figure.update_yaxes(title=unit, rangemode="tozero", range=None if len(arrivals) else [0, 1])
    return figure
