"""A picture under what hiding each of its squares does to the prediction."""

import base64
from pathlib import Path

import numpy as np
import plotly.graph_objects as go

from app.theme import figure_layout

SIDE_PX = 360
FAINT_POINTS = 0.5
"""The colour scale is never shorter: what hardly matters shall not look strong."""
FOR, AGAINST = "#1f6fb4", "#c2571a"
_CLEAR = "rgba(128,128,128,0)"


def regions_figure(picture: Path, falls: np.ndarray, legend: str, hover: str) -> go.Figure:
    """The picture with its squares: blue where hiding lowers the value, orange where it raises it.

    Args:
        falls: [G, G] float32 in points, rows from the top.
        legend: title of the colour bar. hover: text over a square, by plotly's %{x}, %{y}, %{z}.
    """
    grid = falls.shape[0]
    peak = max(float(np.abs(falls).max()), FAINT_POINTS)
    figure = go.Figure(
        go.Heatmap(
            z=falls,
            x=np.arange(grid) + 1,
            y=np.arange(grid) + 1,
            zmin=-peak,
            zmax=peak,
            colorscale=[(0, AGAINST), (0.42, _clear(AGAINST)), (0.5, _CLEAR), (0.58, _clear(FOR)), (1, FOR)],
            opacity=0.72,
            hovertemplate=f"{hover}<extra></extra>",
            colorbar={"title": {"text": legend}, "thickness": 12, "len": 0.9},
        )
    )
    place = {"xref": "x", "yref": "y", "x": 0.5, "y": 0.5, "sizex": grid, "sizey": grid}
    figure.add_layout_image(source=_data_url(picture), sizing="stretch", layer="below", **place)
    figure.update_layout(figure_layout(), height=SIDE_PX, hovermode="closest")
    figure.update_xaxes(range=[0.5, grid + 0.5], showgrid=False, constrain="domain", dtick=1)
    figure.update_yaxes(range=[grid + 0.5, 0.5], showgrid=False, scaleanchor="x", dtick=1)
    return figure


def _clear(color: str) -> str:
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.3)"


def _data_url(picture: Path) -> str:
    kind = "png" if picture.suffix.lower() == ".png" else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(picture.read_bytes()).decode()}"
