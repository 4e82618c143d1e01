"""Figures about explanations: distributions of their measures, and their likeness to those of shuffled weights."""

import textwrap
from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from app.charts.literal import literal
from app.theme import NEUTRAL, PRIMARY, figure_layout

_GRID = "rgba(138,148,166,0.25)"
_COLORS = (PRIMARY, NEUTRAL)
AGAINST = "#B8860B"
_HOVER_CHARACTERS = 40


def boxes_figure(
    distributions: Mapping[str, pd.DataFrame], labels: Sequence[str], axis: str, *, form: str = ".2f"
) -> go.Figure:
    """A box a row (5, 25, 50, 75 and 95 % points), the first row on top; a colour each of at most two distributions.

    Args:
        distributions: what it is called -> low, lower, median, upper, high; their rows as `labels`.
    """
    figure = go.Figure()
    for place, (name, rows) in enumerate(distributions.items()):
        figure.add_box(
            y=[literal(label) for label in labels],
            q1=rows["lower"],
            median=rows["median"],
            q3=rows["upper"],
            lowerfence=rows["low"],
            upperfence=rows["high"],
            name=literal(name),
            orientation="h",
            marker={"color": _COLORS[place]},
            line={"width": 1.6},
            fillcolor=("rgba(59,91,219,0.25)", "rgba(138,148,166,0.18)")[place],
            hoverinfo="skip",
        )
        figure.add_scatter(
            y=[literal(label) for label in labels],
            x=rows["median"],
            mode="markers",
            marker={"color": _COLORS[place], "opacity": 0},
            showlegend=False,
            customdata=rows[["low", "lower", "upper", "high"]],
            hovertemplate=f"{literal(name)}: %{{x:{form}}} (%{{customdata[1]:{form}}} – %{{customdata[2]:{form}}})"
            "<extra></extra>",
        )
    several = len(distributions) > 1
    layout = figure_layout() | {"hovermode": "closest", "boxmode": "group"}
    figure.update_layout(layout, height=90 + (52 if several else 40) * max(1, len(labels)), showlegend=several)
    figure.update_xaxes(title=axis, showgrid=True, gridcolor=_GRID, zeroline=True, zerolinecolor=_GRID)
    figure.update_yaxes(showgrid=False, autorange="reversed", type="category")
    return figure


def parts_figure(parts: pd.DataFrame, axis: str) -> go.Figure:
    """What each part adds, in points, as a bar with its 95 % interval, the first row on top; pale where it may be zero.

    Args:
        parts: label, whole (its name uncut), value, low, high, n; in units of probability.
    """
    places = list(range(len(parts)))  # and not the labels, of which two may be cut to the same
    points = parts[["value", "low", "high"]] * 100
    figure = go.Figure(
        go.Bar(
            y=places,
            x=points["value"],
            orientation="h",
            marker={"color": [_side(*row) for row in points.itertuples(index=False)], "line": {"width": 0}},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": points["high"] - points["value"],
                "arrayminus": points["value"] - points["low"],
                "color": NEUTRAL,
                "thickness": 1.6,
                "width": 4,
            },
            customdata=points[["low", "high"]].assign(n=parts["n"], whole=[_broken(name) for name in parts["whole"]]),
            hovertemplate="%{customdata[3]}: %{x:+.1f} [%{customdata[0]:+.1f}, %{customdata[1]:+.1f}], "
            "n = %{customdata[2]}<extra></extra>",
        )
    )
    figure.update_layout(figure_layout() | {"hovermode": "closest"}, height=100 + 30 * max(1, len(parts)))
    figure.update_xaxes(title=axis, showgrid=True, gridcolor=_GRID, zeroline=True, zerolinecolor=NEUTRAL)
    labels = [literal(label) for label in parts["label"]]
    figure.update_yaxes(showgrid=False, autorange="reversed", tickvals=places, ticktext=labels, zeroline=False)
    return figure


def _broken(name: str) -> str:
    """In lines that fit beside a bar, also on a phone."""
    return "<br>".join(literal(line) for line in textwrap.wrap(name, _HOVER_CHARACTERS)) or literal(name)


def _side(value: float, low: float, high: float) -> str:
    """Blue for, ochre against; pale where the interval holds zero."""
    color = PRIMARY if value >= 0 else AGAINST
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{0.85 if low > 0 or high < 0 else 0.28})"
