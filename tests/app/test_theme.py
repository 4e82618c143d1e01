"""The theme: intents told apart, readable and the same everywhere, in light and dark."""

import itertools
import re

import pytest
from streamlit import config

from app.theme import NEUTRAL, figure_layout, intent_color, streamlit_config
from core.intents.taxonomy import DEFAULT_TAXONOMY

COLOR = re.compile(r"#[0-9A-Fa-f]{6}")
FAR_APART = 30
READABLE = 3.0
"""Contrast that WCAG 2 asks of graphics (1.4.11)."""


def _channels(color: str) -> list[float]:
    return [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]


def _luminance(color: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _channels(color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(first: str, second: str) -> float:
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_intents_differ_from_each_other_and_stand_out_from_the_page(scheme: str) -> None:
    page = str(streamlit_config()[f"theme.{scheme}.backgroundColor"])
    colors = [intent_color(intent.id, dark=scheme == "dark") for intent in DEFAULT_TAXONOMY]
    assert all(COLOR.fullmatch(color) for color in colors)
    for first, second in itertools.combinations(colors, 2):
        distance = 255 * sum((a - b) ** 2 for a, b in zip(_channels(first), _channels(second), strict=True)) ** 0.5
        assert distance > FAR_APART, (first, second)
    assert [color for color in colors if _contrast(color, page) < READABLE] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_links_are_readable(scheme: str) -> None:
    theme = {name.rpartition(".")[2]: value for name, value in streamlit_config().items() if f".{scheme}." in name}
    for name in ("textColor", "linkColor"):
        for behind in ("backgroundColor", "secondaryBackgroundColor"):
            assert _contrast(str(theme[name]), str(theme[behind])) >= 4.5, (name, behind)


def test_an_intent_that_is_gone_is_neutral() -> None:
    assert intent_color("nothing") == NEUTRAL


def test_every_option_is_one_that_streamlit_knows() -> None:
    known = config.get_config_options()
    assert [name for name in streamlit_config() if name not in known] == []


def test_figures_do_not_share_their_layout() -> None:
    figure_layout()["margin"]["l"] = 99
    assert figure_layout()["margin"]["l"] == 8
