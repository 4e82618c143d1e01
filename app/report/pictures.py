"""The pictures of the events whose image counts most, under what hiding each of their squares does."""

import base64
import io
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

from app.i18n import t
from app.report.heatmap_table import LEAST_SHOWN
from app.report.story import Story

if TYPE_CHECKING:
    from app.report.story import ToldPicture

SIDE_PX = 224
"""Of the picture inside the file: no sharper than it is printed."""
_FAINT = 0.005
"""Squares that move half a point are not shown in full colour, even where none moves more."""
_STRONGEST_SHARE = 0.72
_SAID_FROM = 0.5
"""Share of the strongest square from which a square says its points."""


def pictures_html(story: Story) -> str:
    """Picture by picture, the same scale of colours for all; the strongest squares say their points."""
    peak = max([_FAINT, *(float(np.abs(told.regions.values).max()) for told in story.pictures)])
    figures = "".join(_figure(story, told, peak) for told in story.pictures)
    return f"<p>{escape(t('report_pictures.help'))}</p><div class=pictures>{figures}</div>"


def _figure(story: Story, told: "ToldPicture", peak: float) -> str:
    regions = told.regions
    numbers = {event["event_id"]: number for number, event in enumerate(story.events, 1)}
    number = numbers.get(regions.event_id)
    name = t("report.words_earlier") if number is None else t("report.words_of", n=number)
    row, column = np.unravel_index(int(np.abs(regions.values).argmax()), regions.values.shape)
    strongest = float(regions.values[row, column])
    words = t(
        f"report_pictures.{'strongest' if abs(strongest) >= LEAST_SHOWN else 'no_square'}",
        row=int(row) + 1,
        column=int(column) + 1,
        points=_signed(strongest),
        whole=_signed(regions.value - regions.value_hidden),
    )
    heading = f"{name} · {told.title}" if told.title else name
    return (
        f"<figure class=picture>{_svg(told, peak, heading)}"
        f"<figcaption><b>{escape(heading)}</b><br>{escape(words)}</figcaption></figure>"
    )


def _svg(told: "ToldPicture", peak: float, name: str) -> str:
    """The picture with a rectangle a square, dashed at the strongest one."""
    values = told.regions.values
    grid, strongest = len(values), int(np.abs(values).argmax())
    squares = "".join(_square(at, grid, float(value), peak) for at, value in enumerate(values.ravel()))
    if abs(float(values.flat[strongest])) >= LEAST_SHOWN:
        squares += "".join(_frame(strongest, grid, kind) for kind in ("halo", "strongest"))
    return (
        f'<svg viewBox="0 0 {grid} {grid}" role="img" aria-label="{escape(name, quote=True)}">'
        f'<image href="data:image/jpeg;base64,{base64.b64encode(told.jpeg).decode()}" width="{grid}" height="{grid}" '
        f'preserveAspectRatio="none"/>{squares}</svg>'
    )


def _frame(at: int, grid: int, kind: str) -> str:
    """A dashed line on a light one, so that it is seen on dark and on light pictures."""
    return f'<rect class="frame {kind}" x="{at % grid}" y="{at // grid}" width="1" height="1"/>'


def _square(at: int, grid: int, value: float, peak: float) -> str:
    kind = "for" if value >= 0 else "against"
    share = (abs(value) / peak) ** 0.7 * _STRONGEST_SHARE
    x, y = at % grid, at // grid
    said = f'<text x="{x + 0.5}" y="{y + 0.62}">{_signed(value)}</text>' if abs(value) >= _SAID_FROM * peak else ""
    return f'<rect class="{kind}" x="{x}" y="{y}" width="1" height="1" style="--share:{share:.2f}"/>{said}'


def jpeg_of(picture: npt.NDArray[np.float32]) -> bytes:
    """A picture [3, P, P] in 0..1 as JPEG."""
    out = io.BytesIO()
    Image.fromarray((picture.transpose(1, 2, 0) * 255).round().astype(np.uint8)).save(out, "JPEG", quality=82)
    return out.getvalue()


def _signed(value: float) -> str:
    return f"{100 * value:+.1f}".replace("-", "−")
