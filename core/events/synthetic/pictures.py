"""Drawn pictures of the items: a shape by category in the item's colour, a mark by brand."""

import io

from PIL import Image, ImageDraw

from core.events.synthetic.catalog import BRANDS, COLORS, Item

SIDE = 64
_SCALE = 4
Color = tuple[int, int, int]


def draw_picture(item: Item) -> bytes:
    """A SIDE x SIDE PNG."""
    color = COLORS[item.color][1]
    light = _mixed(color, (250, 248, 244), 0.82)
    picture = Image.new("RGB", (SIDE * _SCALE, SIDE * _SCALE), light)
    pen = ImageDraw.Draw(picture)
    pen.ellipse(_box(10, 52, 54, 60), fill=_mixed(light, (0, 0, 0), 0.12))
    _SHAPES[item.category.shape](pen, color, _mixed(color, (0, 0, 0), 0.35))
    _mark(pen, BRANDS.index(item.brand))
    small = picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS).quantize(24)
    stream = io.BytesIO()
    small.save(stream, format="PNG", optimize=True)
    return stream.getvalue()


def _lamp(pen: ImageDraw.ImageDraw, color: Color, dark: Color) -> None:
    pen.polygon(_points((22, 10), (42, 10), (50, 30), (14, 30)), fill=color)
    pen.rectangle(_box(30, 30, 34, 52), fill=dark)
    pen.rounded_rectangle(_box(22, 51, 42, 56), radius=8, fill=dark)


def _bag(pen: ImageDraw.ImageDraw, color: Color, dark: Color) -> None:
    pen.arc(_box(24, 5, 40, 24), 180, 360, fill=dark, width=12)
    pen.rounded_rectangle(_box(15, 14, 49, 56), radius=40, fill=color)
    pen.rounded_rectangle(_box(21, 34, 43, 50), radius=16, fill=dark)


def _mug(pen: ImageDraw.ImageDraw, color: Color, dark: Color) -> None:
    pen.ellipse(_box(38, 24, 56, 46), outline=dark, width=14)
    pen.rounded_rectangle(_box(13, 16, 44, 54), radius=20, fill=color)
    pen.ellipse(_box(13, 12, 44, 21), fill=dark)


def _chair(pen: ImageDraw.ImageDraw, color: Color, dark: Color) -> None:
    for left in (18, 42):
        pen.rectangle(_box(left, 38, left + 4, 57), fill=dark)
    pen.rounded_rectangle(_box(16, 8, 26, 44), radius=20, fill=color)
    pen.rounded_rectangle(_box(16, 33, 50, 43), radius=20, fill=color)


def _shoe(pen: ImageDraw.ImageDraw, color: Color, dark: Color) -> None:
    pen.polygon(_points((10, 24), (24, 22), (36, 36), (54, 40), (56, 50), (10, 50)), fill=color)
    pen.rounded_rectangle(_box(8, 48, 58, 54), radius=12, fill=dark)


def _clock(pen: ImageDraw.ImageDraw, color: Color, dark: Color) -> None:
    pen.ellipse(_box(10, 8, 54, 52), fill=color)
    pen.ellipse(_box(15, 13, 49, 47), fill=_mixed(color, (255, 255, 255), 0.75))
    pen.line(_points((32, 30), (32, 18)), fill=dark, width=9)
    pen.line(_points((32, 30), (41, 34)), fill=dark, width=9)


def _bottle(pen: ImageDraw.ImageDraw, color: Color, dark: Color) -> None:
    pen.rounded_rectangle(_box(22, 18, 42, 57), radius=28, fill=color)
    pen.rectangle(_box(27, 10, 37, 20), fill=color)
    pen.rounded_rectangle(_box(25, 5, 39, 12), radius=8, fill=dark)


def _blanket(pen: ImageDraw.ImageDraw, color: Color, dark: Color) -> None:
    for place, top in enumerate((14, 25, 36, 47)):
        pen.rounded_rectangle(_box(11, top, 53, top + 10), radius=18, fill=color if place % 2 else dark)


_SHAPES = {
    "lamp": _lamp,
    "bag": _bag,
    "mug": _mug,
    "chair": _chair,
    "shoe": _shoe,
    "clock": _clock,
    "bottle": _bottle,
    "blanket": _blanket,
}


def _mark(pen: ImageDraw.ImageDraw, brand: int) -> None:
    """Dots in the corner, as many and as placed as the brand's number in binary."""
    for bit in range(3):
        if brand >> bit & 1:
            pen.ellipse(_box(50 + 4 * bit - 2, 4, 53 + 4 * bit - 2, 7), fill=(70, 70, 76))


def _box(left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
    return left * _SCALE, top * _SCALE, right * _SCALE, bottom * _SCALE


def _points(*points: tuple[float, float]) -> list[tuple[float, float]]:
    return [(x * _SCALE, y * _SCALE) for x, y in points]


def _mixed(color: Color, other: Color, share: float) -> Color:
    """The colour with `share` of the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(color, other, strict=True))
    return red, green, blue
