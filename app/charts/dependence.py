"""Figures of partial dependence: what the model says on average as one number of the last event is swept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from app.charts.literal import literal
from app.theme import NEUTRAL, figure_layout

HEIGHT = 380
SHOWN_SINGLES = 30
"""Single curves drawn; all of them are in the band."""
SHOWN_OWN = 250
_GRID = "rgba(138,148,166,0.25)"
_DASHES = ("solid", "dash", "dot", "dashdot")


@dataclass(frozen=True)
class NumberAxis:
    """The axis of a swept number: its title, and where its ticks are and what they say; wide ranges are logarithmic."""

    title: str
    ticks: Sequence[float]
    labels: Sequence[str]
    is_log: bool


def intents_figure(
    curves: Mapping[str, pd.DataFrame], colors: Sequence[str], axis: NumberAxis, value: str
) -> go.Figure:
    """The mean of each intent, a line each; `curves`: what it is called -> value, mean, in the order of the colours."""
    figure = go.Figure()
    for place, (name, rows) in enumerate(curves.items()):
        figure.add_scatter(
            x=rows["value"],
            y=rows["mean"],
            name=literal(name),
            mode="lines",
            line={"color": colors[place], "width": 2.4, "dash": _DASHES[place % len(_DASHES)]},
            hovertemplate=f"{literal(name)}: %{{y:.1%}}<extra></extra>",
        )
    _finish(figure, axis, value)
    figure.update_yaxes(rangemode="tozero", tickformat=".0%")
    return figure


def dependence_figure(
    curve: pd.DataFrame,
    singles: npt.NDArray[np.float64],
    own: npt.NDArray[np.float64],
    color: str,
    axis: NumberAxis,
    names: Mapping[str, str],
) -> go.Figure:
    """One intent: the mean with its 95 % interval, the band of the single prefixes, some of these, and a rug.

    Args:
        curve: as Dependence.curve. singles: [P, G]. own: [N], where the data lies.
        names: words for `mean`, `interval`, `spread`, `single`, `own` and the axis's `value`.
    """
    figure = go.Figure()
    figure.add_traces(_band(curve["value"], curve["lower"], curve["upper"], "rgba(138,148,166,0.18)", names["spread"]))
    shown = singles[:: max(1, len(singles) // SHOWN_SINGLES)][:SHOWN_SINGLES]
    for place, single in enumerate(shown):
        figure.add_scatter(
            x=curve["value"],
            y=single,
            mode="lines",
            line={"color": "rgba(138,148,166,0.4)", "width": 1},
            name=names["single"],
            legendgroup="single",
            showlegend=place == 0,
            hoverinfo="skip",
        )
    figure.add_traces(_band(curve["value"], curve["low"], curve["high"], _clear(color, 0.28), names["interval"]))
    figure.add_scatter(
        x=curve["value"],
        y=curve["mean"],
        mode="lines+markers",
        line={"color": color, "width": 3},
        marker={"size": 5},
        name=names["mean"],
        customdata=curve[["low", "high", "n"]],
        hovertemplate="%{y:.1%} [%{customdata[0]:.1%}, %{customdata[1]:.1%}], n = %{customdata[2]}<extra></extra>",
    )
    low = float(min(curve["lower"].min(), curve["low"].min(), 0.0))
    high = float(max(curve["upper"].max(), curve["high"].max(), low + 0.02))
    room = 0.06 * (high - low)
    figure.add_scatter(
        x=np.sort(own)[:: max(1, len(own) // SHOWN_OWN)],
        y=np.full(len(np.sort(own)[:: max(1, len(own) // SHOWN_OWN)]), low - room),
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 9, "color": NEUTRAL, "line": {"width": 1}, "opacity": 0.6},
        name=names["own"],
        hoverinfo="skip",
    )
    _finish(figure, axis, names["value"])
    figure.update_yaxes(range=[low - 2 * room, high + room], tickformat=".0%")
    return figure


def _finish(figure: go.Figure, axis: NumberAxis, value: str) -> None:
    figure.update_layout(figure_layout() | {"hovermode": "closest"}, height=HEIGHT, legend={"traceorder": "normal"})
    figure.update_xaxes(
        title=axis.title,
        type="log" if axis.is_log else "linear",
        tickvals=list(axis.ticks),
        ticktext=list(axis.labels),
        tickangle=0,
        showgrid=True,
        gridcolor=_GRID,
    )
    figure.update_yaxes(title=value)


def _band(values: pd.Series, low: pd.Series, high: pd.Series, color: str, name: str) -> list[go.Scatter]:
    edge: dict[str, Any] = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "x": values}
    return [
        go.Scatter(y=low, showlegend=False, **edge),
        go.Scatter(y=high, fill="tonexty", fillcolor=color, name=name, **edge),
    ]


def _clear(color: str, opacity: float) -> str:
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
