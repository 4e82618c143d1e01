"""Colours: contrast as WCAG 2 defines it, likeness as people without red or green cones see it, free ones to choose."""

from dataclasses import replace

import pytest

from core.intents.colors import (
    BACKGROUNDS,
    LEAST_CONTRAST,
    color_warnings,
    contrast,
    distance,
    is_color,
    suggested_colors,
)
from core.intents.default_taxonomy import DEFAULT_TAXONOMY


def test_contrast_is_wcags() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert contrast("#FFFFFF", "#777777") == contrast("#777777", "#FFFFFF")


def test_red_and_green_of_one_lightness_are_nearly_the_same_for_those_who_lack_a_cone() -> None:
    assert distance("#4477AA", "#4477AA") == 0
    assert distance("#C04040", "#6F7F2A") < distance("#C04040", "#4040C0") / 2


def test_the_default_colours_are_told_apart_and_stand_out() -> None:
    assert color_warnings(DEFAULT_TAXONOMY) == []


def test_near_equal_and_pale_colours_are_named() -> None:
    changed = (replace(DEFAULT_TAXONOMY[0], color="#4477AB", color_dark="#1B202B"), *DEFAULT_TAXONOMY)
    found = {(one.problem, one.scheme, one.intent, one.other) for one in color_warnings(changed)}
    assert ("alike", "light", "browse", "browse") in found
    assert ("low_contrast", "dark", "browse", None) in found


def test_suggestions_are_free_readable_and_apart_from_each_other() -> None:
    suggested = suggested_colors(DEFAULT_TAXONOMY, 3)
    assert len(set(suggested)) == 3
    for light, dark in suggested:
        assert is_color(light)
        assert contrast(light, BACKGROUNDS["light"]) >= LEAST_CONTRAST
        assert contrast(dark, BACKGROUNDS["dark"]) >= LEAST_CONTRAST
    light, dark = suggested[0]
    assert (
        color_warnings([*DEFAULT_TAXONOMY, replace(DEFAULT_TAXONOMY[0], id="new", color=light, color_dark=dark)]) == []
    )
