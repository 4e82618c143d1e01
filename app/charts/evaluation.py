"""Figures of the Evaluate page."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from app.charts.literal import NAMES, literal
from app.theme import NEUTRAL, PRIMARY, figure_layout

HEIGHT = 320
_GRID = "rgba(138,148,166,0.25)"
_COLORS = (PRIMARY, "#B8860B", "#8A94A6", "#AA3377")
"""By place: the model (or the first of two), then what stands beside it; shapes and dashes tell them apart as well."""
_DASHES = ("solid", "dash", "dot", "dashdot")
_SYMBOLS = ("circle", "diamond", "square", "x")


def forest_figure(scores: pd.DataFrame, axis: str) -> go.Figure:
    """A point and its 95 % interval a row, the first row on top; `scores`: name, value, low, high, n, is_model."""
    rows = scores.iloc[::-1]
    colors = [PRIMARY if is_model else NEUTRAL for is_model in rows["is_model"]]
    figure = go.Figure(
        go.Scatter(
            x=rows["value"],
            y=rows["name"].map(literal),
            mode="markers+text",
            text=[f"{value:.2f}" for value in rows["value"]],
            textposition="top center",
            cliponaxis=False,
            marker={"color": colors, "size": 13, "symbol": ["circle" if m else "diamond" for m in rows["is_model"]]},
            error_x=_interval(rows["value"], rows["low"], rows["high"], NEUTRAL),
            customdata=rows[["low", "high", "n"]],
            hovertemplate="%{x:.3f} [%{customdata[0]:.3f}, %{customdata[1]:.3f}], n = %{customdata[2]}<extra></extra>",
        )
    )
    layout = figure_layout() | {"hovermode": "closest"}
    figure.update_layout(layout, height=90 + 52 * len(rows), showlegend=False)
    figure.update_xaxes(title=axis, range=[0, 1.06], showgrid=True, gridcolor=_GRID)
    figure.update_yaxes(showgrid=False, range=[-0.5, len(rows) - 0.4], **NAMES)
    return figure


def calibration_figure(curve: pd.DataFrame, said: str, found: str, ideal: str, count: str) -> go.Figure:
    """How often right against how sure, with intervals; point size and bars below say of how many answers.

    `curve`: from, to, confidence, right, low, high, n.
    """
    figure = go.Figure()
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line={"color": NEUTRAL, "dash": "dash"}, name=ideal)
    figure.add_bar(
        x=(curve["from"] + curve["to"]) / 2,
        y=curve["n"],
        width=curve["to"] - curve["from"],
        marker={"color": "rgba(138,148,166,0.35)"},
        name=count,
        yaxis="y2",
        hovertemplate="%{y}<extra></extra>",
    )
    figure.add_scatter(
        x=curve["confidence"],
        y=curve["right"],
        mode="lines+markers",
        marker={"color": PRIMARY, "size": 10},
        line={"color": PRIMARY, "width": 2},
        error_y=_interval(curve["right"], curve["low"], curve["high"], PRIMARY),
        customdata=curve[["n"]],
        name=found,
        hovertemplate="%{x:.0%} → %{y:.0%}, n = %{customdata[0]}<extra></extra>",
    )
    figure.update_layout(figure_layout() | {"hovermode": "closest"}, height=HEIGHT)
    figure.update_layout(yaxis2={"overlaying": "y", "side": "right", "visible": False, "range": _low_third(curve["n"])})
    figure.update_xaxes(title=said, range=[0, 1.02], tickformat=".0%")
    figure.update_yaxes(tickformat=".0%", range=[0, 1.05], selector={"overlaying": None})
    return figure


def seen_figure(seen: pd.DataFrame, names: Mapping[str, str], axis: str, value: str) -> go.Figure:
    """Macro-F1 against events seen, a line a name, the first with its 95 % band; `seen`: SEEN_COLUMNS."""
    figure = go.Figure()
    for place, name in enumerate(names):
        rows = seen[seen["name"] == name]
        if place == 0:
            figure.add_traces(_band(rows))
        figure.add_scatter(
            x=rows["label"] if "label" in rows else rows["seen"],
            y=rows["macro_f1"],
            name=literal(names[name]),
            mode="lines+markers",
            line={"color": _COLORS[place], "dash": _DASHES[place], "width": 2.5 if place == 0 else 1.8},
            marker={"symbol": _SYMBOLS[place], "size": 8},
            customdata=rows[["low", "high", "n"]],
            hovertemplate="%{y:.2f} [%{customdata[0]:.2f}, %{customdata[1]:.2f}], n = %{customdata[2]}",
        )
    figure.update_layout(figure_layout(), height=HEIGHT, legend={"traceorder": "normal"})
    figure.update_xaxes(title=axis, type="category")
    figure.update_yaxes(title=value, range=[0, 1.04])
    return figure


def flips_figure(counts: pd.DataFrame, names: Mapping[str, str], axis: str, value: str) -> go.Figure:
    """Share of sessions by number of flips, a bar a name; `counts`: name, flips, share, sessions."""
    most = counts["flips"].max()
    figure = go.Figure()
    for place, name in enumerate(names):
        rows = counts[counts["name"] == name]
        figure.add_bar(
            x=[f"{flips}+" if flips == most else str(flips) for flips in rows["flips"]],
            y=rows["share"],
            name=literal(names[name]),
            marker={"color": _COLORS[place], "line": {"width": 0}},
            customdata=rows[["sessions"]],
            hovertemplate="%{y:.0%}, n = %{customdata[0]}",
        )
    figure.update_layout(figure_layout(), height=HEIGHT, barmode="group", bargap=0.25)
    figure.update_xaxes(title=axis, type="category")
    figure.update_yaxes(title=value, tickformat=".0%", rangemode="tozero")
    return figure


def slices_figure(slices: pd.DataFrame, whole: float, names: Sequence[str], axis: str, mean: str) -> go.Figure:
    """A point and its interval a slice, trees beside, a line at the whole; `slices`: n, macro_f1, low, high, trees.

    `names`: the model's, then the trees'. `slices` has the row's words in `label`.
    """
    rows = slices.iloc[::-1]
    labels = rows["label"].map(literal)
    figure = go.Figure()
    for place, column in enumerate(("macro_f1", "trees")):
        figure.add_scatter(
            x=rows[column],
            y=labels,
            name=names[place],
            mode="markers",
            marker={"color": _COLORS[place], "symbol": _SYMBOLS[place], "size": 11 - 2 * place},
            error_x=_interval(rows["macro_f1"], rows["low"], rows["high"], PRIMARY) if place == 0 else None,
            customdata=rows[["n"]],
            hovertemplate="%{y}: %{x:.2f}, n = %{customdata[0]}",
        )
    ends = [labels.iloc[0], labels.iloc[-1]] if len(rows) else []
    figure.add_scatter(x=[whole] * len(ends), y=ends, name=mean, mode="lines", line={"color": NEUTRAL, "dash": "dot"})
    layout = figure_layout() | {"hovermode": "closest"}
    figure.update_layout(layout, height=110 + 30 * len(rows), legend={"traceorder": "normal"})
    figure.update_xaxes(title=axis, range=[0, 1.04], showgrid=True, gridcolor=_GRID)
    figure.update_yaxes(showgrid=False)
    return figure


def _interval(value: pd.Series, low: pd.Series, high: pd.Series, color: str) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        "array": (high - value).clip(lower=0),
        "arrayminus": (value - low).clip(lower=0),
        "thickness": 1.6,
        "width": 5,
        "color": color,
    }


def _band(rows: pd.DataFrame) -> list[go.Scatter]:
    labels = rows["label"] if "label" in rows else rows["seen"]
    edge = {"mode": "lines", "line": {"width": 0}, "showlegend": False, "hoverinfo": "skip", "x": labels}
    filled = {"fill": "tonexty", "fillcolor": "rgba(59,91,219,0.14)"}
    return [go.Scatter(y=rows["low"], **edge), go.Scatter(y=rows["high"], **edge, **filled)]


def _low_third(counts: pd.Series) -> list[float]:
    """An axis that keeps bars in the lower third of the figure."""
    return [0, 3.2 * float(counts.max())] if len(counts) else [0, 1]
