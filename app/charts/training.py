"""Figures of the Train page."""

import pandas as pd
import plotly.graph_objects as go

from app.charts.literal import NAMES, literal
from app.theme import NEUTRAL, PRIMARY, figure_layout

HEIGHT = 260


def curve_figure(metrics: pd.DataFrame, column: str) -> go.Figure:
    """A metric of a run over its steps, phase by phase; `metrics`: step, phase and the column."""
    rows = metrics[metrics[column].notna()]
    figure = go.Figure()
    for phase in rows["phase"].unique():
        part = rows[rows["phase"] == phase]
        figure.add_scatter(x=part["step"], y=part[column], name=phase, mode="lines+markers", marker={"size": 4})
    figure.update_layout(figure_layout(), height=HEIGHT)
    return figure


def scores_figure(scores: pd.DataFrame) -> go.Figure:
    """Macro-F1 with its 95 % interval, the model first; `scores`: name, macro_f1, low, high, is_model."""
    rows = scores.iloc[::-1]
    figure = go.Figure(
        go.Bar(
            x=rows["macro_f1"],
            y=rows["name"].map(literal),
            orientation="h",
            marker={"color": [PRIMARY if is_model else NEUTRAL for is_model in rows["is_model"]]},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": rows["high"] - rows["macro_f1"],
                "arrayminus": rows["macro_f1"] - rows["low"],
                "thickness": 1.5,
                "color": NEUTRAL,
            },
            hovertemplate="%{x:.3f}<extra></extra>",
        )
    )
    layout = figure_layout() | {"hovermode": "closest"}
    figure.update_layout(layout, height=60 + 44 * len(rows))
    figure.update_xaxes(range=[0, 1], showgrid=True, gridcolor="rgba(138,148,166,0.25)")
    figure.update_yaxes(**NAMES)
    return figure
