"""The learning curve: quality against the number of labels."""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from app.charts.literal import literal
from app.theme import NEUTRAL, PRIMARY, figure_layout

HEIGHT = 260
_STYLES = {"random": ("circle", "solid"), "latest": ("diamond-open", "dot")}
"""By how the measuring sessions were chosen; the two are not measured alike, so that no line joins them."""


def learning_curve_figure(curve: pd.DataFrame, names: Mapping[str, str], axis: str, value: str) -> go.Figure:
    """A point a model with its 95 % interval, and what guessing by the base rate reaches.

    Args:
        curve: core.learning.curve.CURVE_COLUMNS.
        names: `random`, `latest`, `base_rate` in the reader's language.
    """
    figure = go.Figure()
    for how, (symbol, dash) in _STYLES.items():
        rows = curve[curve["how"] == how].sort_values(["labels", "made_at"])
        if len(rows):
            figure.add_trace(_points(rows, names[how], symbol, dash))
    known = curve.dropna(subset=["base_rate"]).sort_values(["labels", "made_at"])
    figure.add_scatter(
        x=known["labels"],
        y=known["base_rate"],
        name=names["base_rate"],
        mode="lines+markers",
        line={"color": NEUTRAL, "dash": "dash", "width": 1.5},
        marker={"color": NEUTRAL, "size": 5},
        hovertemplate="%{y:.2f}",
    )
    figure.update_layout(figure_layout() | {"hovermode": "closest"}, height=HEIGHT)
    figure.update_xaxes(title=axis, rangemode="tozero", tickformat=",d")
    figure.update_yaxes(title=value, range=[0, 1.04])
    return figure


def _points(rows: pd.DataFrame, name: str, symbol: str, dash: str) -> go.Scatter:
    return go.Scatter(
        x=rows["labels"],
        y=rows["macro_f1"],
        name=name,
        mode="lines+markers",
        line={"color": PRIMARY, "width": 2, "dash": dash},
        marker={"color": PRIMARY, "size": 9, "symbol": symbol},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": (rows["high"] - rows["macro_f1"]).clip(lower=0),
            "arrayminus": (rows["macro_f1"] - rows["low"]).clip(lower=0),
            "thickness": 1.4,
            "width": 4,
            "color": PRIMARY,
        },
        customdata=rows[["low", "high", "n"]].assign(model_id=rows["model_id"].map(literal)),
        hovertemplate=(
            "%{customdata[3]}<br>%{y:.3f} [%{customdata[0]:.3f}, %{customdata[1]:.3f}], "
            "n = %{customdata[2]}<extra></extra>"
        ),
    )
