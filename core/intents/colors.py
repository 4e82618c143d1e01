"""Colours of intents: told apart by everybody, readable on light and dark pages, and free ones to choose from.

Distance is Euclidean in OKLab (Ottosson 2020) as people with full vision and without red or green cones
see the colours (Machado, Oliveira and Fernandes 2009, severity 1); contrast is that of WCAG 2.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.intents.intent import Intent

ColorProblem = Literal["alike", "low_contrast"]
Scheme = Literal["light", "dark"]

LEAST_DISTANCE = 0.025
"""Closer ones are hard to tell apart; the default taxonomy's nearest pair is just above."""
LEAST_CONTRAST = 3.0
"""WCAG 2.2, success criterion 1.4.11: what is not text against what lies beside it. The product's pages are meant."""
BACKGROUNDS: dict[Scheme, str] = {"light": "#FFFFFF", "dark": "#12151C"}
CANDIDATES: tuple[tuple[str, str], ...] = (
    ("#332288", "#9A8CF0"),
    ("#44AA99", "#66DDCC"),
    ("#999933", "#CCCC55"),
    ("#882255", "#DD77AA"),
    ("#994F00", "#E0A060"),
    ("#006CD1", "#66B2FF"),
    ("#5D3A9B", "#C3A6F0"),
    ("#E66100", "#FFB070"),
    ("#009E73", "#5FE0B0"),
    ("#6699CC", "#AACCEE"),
    ("#661100", "#CC8877"),
    ("#AA4499", "#EE99DD"),
    ("#0F5C5C", "#88CCCC"),
    ("#4B4B00", "#DDDD99"),
)
"""(on light pages, on dark pages)."""

_HEX = re.compile(r"#[0-9A-Fa-f]{6}")
_VISIONS = np.array(
    [
        np.eye(3),
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    ]
)
"""[3, 3, 3] on linear RGB: full vision, without red cones, without green cones (8 % of men lack or have weak ones)."""
_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


@dataclass(frozen=True)
class ColorWarning:
    """`alike`: `intent` and `other` look nearly the same; `low_contrast`: `intent` hardly stands out from the page."""

    problem: ColorProblem
    scheme: Scheme
    intent: str
    other: str | None = None


def is_color(text: str) -> bool:
    """Whether it is written as #RRGGBB."""
    return _HEX.fullmatch(text) is not None


def contrast(one: str, other: str) -> float:
    """WCAG 2's contrast ratio, 1 to 21."""
    first, second = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (first + 0.05) / (second + 0.05)


def distance(one: str, other: str) -> float:
    """How far two colours are apart for whoever tells them apart least."""
    apart = _seen(one) - _seen(other)
    return float(np.sqrt((apart**2).sum(axis=-1)).min())


def color_warnings(intents: Sequence[Intent]) -> list[ColorWarning]:
    """What is wrong with the colours of intents that are shown together."""
    found: list[ColorWarning] = []
    for scheme in BACKGROUNDS:
        colors = [(intent.id, _of(intent, scheme)) for intent in intents]
        for place, (name, color) in enumerate(colors):
            if contrast(color, BACKGROUNDS[scheme]) < LEAST_CONTRAST:
                found.append(ColorWarning("low_contrast", scheme, name))
            found += [
                ColorWarning("alike", scheme, name, other)
                for other, second in colors[place + 1 :]
                if distance(color, second) < LEAST_DISTANCE
            ]
    return found


def suggested_colors(taken: Sequence[Intent], most: int = 1) -> list[tuple[str, str]]:
    """Free colours (light, dark), those first that are farthest from all that are taken."""
    usable = [
        pair
        for pair in CANDIDATES
        if contrast(pair[0], BACKGROUNDS["light"]) >= LEAST_CONTRAST
        and contrast(pair[1], BACKGROUNDS["dark"]) >= LEAST_CONTRAST
    ]
    used = [(intent.color, intent.color_dark) for intent in taken]
    chosen: list[tuple[str, str]] = []
    while len(chosen) < most and len(chosen) < len(usable):
        rest = [pair for pair in usable if pair not in chosen]
        chosen.append(max(rest, key=lambda pair: _room(pair, used + chosen)))
    return chosen


def _room(pair: tuple[str, str], used: Sequence[tuple[str, str]]) -> float:
    return min((min(distance(pair[0], other[0]), distance(pair[1], other[1])) for other in used), default=1.0)


def _of(intent: Intent, scheme: Scheme) -> str:
    return intent.color if scheme == "light" else intent.color_dark


def _linear(color: str) -> np.ndarray:
    """[3] float64, linear RGB."""
    value = np.array([int(color[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    linear: np.ndarray = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return linear


def _luminance(color: str) -> float:
    return float(_linear(color) @ np.array([0.2126, 0.7152, 0.0722]))


def _seen(color: str) -> np.ndarray:
    """[3, 3] float64: OKLab of the colour in each kind of vision."""
    rgb = np.clip(_VISIONS @ _linear(color), 0, 1)
    seen: np.ndarray = np.cbrt(rgb @ _TO_LMS.T) @ _TO_LAB.T
    return seen
