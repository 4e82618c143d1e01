"""The map in the browser: lasso, box, keys and clicks choose what they should, and never what is hidden."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

import app.components.session_map as component
from app.components.session_map import SCRIPTS
from tests.app.components.conftest import Stage
from tests.app.components.records import texts

FOLDER = Path(component.__file__).parent
PLACES = [(-20000, 20000), (20000, 20000), (20000, -20000), (0, 0)]
CATEGORIES = [
    {"name": "Browse", "color": "#4477AA", "color_dark": "#77AADD"},
    {"name": "Deal", "color": "#AA3377", "color_dark": "#FFAABB"},
]


def _bytes(values: Any, kind: str) -> str:
    return base64.b64encode(np.array(values, dtype=kind).tobytes()).decode()


def data(**values: Any) -> dict[str, Any]:
    known = {
        "language": "en",
        "texts": texts("bulk"),
        "categories": CATEGORIES,
        "places": _bytes(PLACES, "<i2"),
        "shades": _bytes([0, 0, 1, 1], "u1"),
        "events": _bytes([3, 4, 5, 255], "u1"),
        "session_ids": "s0\ns1\ns2\n<b>s3</b>",
        "stamp": "one",
        "outline": None,
        "hidden": [],
    }
    return known | values


@pytest.fixture
def stage(make_stage: Callable[..., Stage]) -> Stage:
    stage = make_stage(FOLDER, SCRIPTS)
    stage.rerun(data())
    return stage


def _at(stage: Stage, place: tuple[int, int]) -> tuple[float, float]:
    """Where a place of the map is on the page while the whole map is shown."""
    box = stage.page.locator("canvas").bounding_box()
    assert box is not None
    scale = min(box["width"], box["height"]) / (2.1 * 32000)
    return box["x"] + box["width"] / 2 + place[0] * scale, box["y"] + box["height"] / 2 - place[1] * scale


def _drag(stage: Stage, *corners: tuple[int, int]) -> None:
    stage.page.mouse.move(*_at(stage, corners[0]))
    stage.page.mouse.down()
    for corner in corners[1:]:
        stage.page.mouse.move(*_at(stage, corner), steps=5)
    stage.page.mouse.up()


def _corners(stage: Stage) -> tuple[float, float, float, float]:
    outline = np.array(stage.sent("outlined")[-1]["outline"])
    return outline[:, 0].min(), outline[:, 0].max(), outline[:, 1].min(), outline[:, 1].max()


def test_a_lasso_sends_its_outline_in_the_maps_own_unit_however_far_zoomed(stage: Stage) -> None:
    _drag(stage, (-5000, -5000), (25000, -5000), (25000, 25000), (-5000, 25000))
    np.testing.assert_allclose(_corners(stage), (-5000, 25000, -5000, 25000), atol=400)
    stage.page.get_by_role("button", name="Zoom in").click()
    stage.page.get_by_role("button", name="Box").click()
    _drag(stage, (-3000, -3000), (3000, 3000))
    np.testing.assert_allclose(_corners(stage), (-2000, 2000, -2000, 2000), atol=400)


def test_all_that_is_visible_is_taken_by_key_and_cleared_by_escape(stage: Stage) -> None:
    stage.page.get_by_label("Map of sessions").focus()
    stage.press("Enter")
    left, right, bottom, top = _corners(stage)
    assert left < -30000
    assert right > 30000
    assert bottom < -30000
    assert top > 30000
    stage.press("Escape")
    assert stage.sent("outlined")[-1]["outline"] == []


def test_a_hidden_category_is_told_with_the_outline_and_forgotten_with_another_colouring(stage: Stage) -> None:
    stage.page.get_by_role("button", name="Deal").click()
    stage.page.get_by_role("button", name="Take all visible").click()
    assert stage.sent("outlined")[-1]["hidden"] == [1]
    stage.rerun(data(stamp="two"))
    expect(stage.page.get_by_role("button", name="Deal", pressed=True)).to_be_visible()


def test_a_click_opens_the_session_under_it_and_hovering_tells_it_as_text(stage: Stage) -> None:
    x, y = _at(stage, PLACES[3])
    stage.page.mouse.move(x + 2, y - 2)
    tip = stage.page.locator("[data-part=tip]")
    expect(tip).to_contain_text("<b>s3</b>")
    expect(tip).to_contain_text("255+ events")
    stage.page.mouse.down()
    stage.page.mouse.up()
    assert [sent["session_id"] for sent in stage.sent("opened")] == ["<b>s3</b>"]
    stage.page.mouse.click(*_at(stage, (-20000, -20000)))
    assert len(stage.sent("opened")) == 1


def test_moving_the_map_chooses_nothing(stage: Stage) -> None:
    stage.page.get_by_role("button", name="Move").click()
    _drag(stage, (0, 0), (8000, 8000))
    assert stage.sent("outlined") == []
    x, y = _at(stage, (8000, 8000))
    stage.page.mouse.click(x, y)
    assert [sent["session_id"] for sent in stage.sent("opened")] == ["<b>s3</b>"]
