"""The heatmap in Chromium: a table anyone can read, by eye, by keyboard or by ear."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

import app.components.heatmap
from app.components.heatmap import SCRIPTS
from tests.app.components.conftest import Stage
from tests.app.components.records import START_MS, TYPES, texts

pytestmark = pytest.mark.browser
FOLDER = Path(app.components.heatmap.__file__).parent
FIELDS = [{"id": name, "name": name.title(), "help": f"About {name}."} for name in ("text", "price", "gap")]


def heatmap_data(**values: Any) -> dict[str, Any]:
    rows = [
        {
            "event_id": f"e{n}",
            "session_id": "old" if n < 2 else "new",
            "t": START_MS + n * 1000,
            "type": "view",
            "subject": f"Mug {n}",
            "cells": [f"mug {n}", "9.50", "8 s"],
        }
        for n in range(5)
    ]
    numbers = [[0.001, 0.0, 0.002], [0.0, -0.01, 0.0], [0.02, -0.005, 0.0], [0.0, 0.0, 0.01], [0.15, -0.08, 0.00001]]
    known = {"language": "en", "texts": texts("explain"), "types": TYPES, "intent": {"id": "deal", "name": "Deal"}}
    return known | {"fields": FIELDS, "rows": rows, "values": numbers, "first": 2} | values


@pytest.fixture
def stage(make_stage: Callable[..., Stage]) -> Stage:
    stage = make_stage(FOLDER, SCRIPTS)
    stage.rerun(heatmap_data())
    return stage


def test_it_is_a_table_with_headers(stage: Stage) -> None:
    assert stage.page.get_by_role("columnheader").all_inner_texts() == ["Event", "Text", "Price", "Gap", "Total"]
    expect(stage.page.get_by_role("gridcell", name="Text: mug 4, +15.0 points")).to_be_visible()


def test_totals_sum_rows_columns_and_everything(stage: Stage) -> None:
    totals = stage.page.locator("tfoot td").all_inner_texts()
    assert totals == ["+17.1", "−9.5", "+1.2", "+8.8"]
    assert stage.page.locator("tbody tr").last.locator(".total").inner_text() == "+7.0"


def test_earlier_sessions_are_folded_into_one_row_and_unfold(stage: Stage) -> None:
    assert stage.page.locator("tbody .cell").count() == 9
    stage.page.get_by_role("button", name="2 earlier events").click()
    assert stage.page.locator("tbody .cell").count() == 15
    stage.page.get_by_role("button", name="Fold earlier sessions").click()
    assert stage.page.locator("tbody .cell").count() == 9


def test_one_cell_is_in_the_tab_order_and_arrows_move_it(stage: Stage) -> None:
    assert stage.page.locator('.cell[tabindex="0"]').count() == 1
    stage.page.locator('.cell[tabindex="0"]').focus()
    stage.press("ArrowRight")
    expect(stage.page.locator(".detail")).to_contain_text("−8.0 points")
    stage.press("ArrowUp", "Home")
    expect(stage.page.locator(".detail")).to_contain_text("Text: mug 3")
    assert stage.page.locator('.cell[tabindex="0"]').count() == 1


def test_the_strongest_cell_is_told_first(stage: Stage) -> None:
    expect(stage.page.locator(".detail")).to_contain_text("+15.0 points")
    expect(stage.page.locator(".detail")).to_contain_text("About text.")


def test_cells_show_values_or_numbers(stage: Stage) -> None:
    stage.page.get_by_role("button", name="Attributions").click()
    assert stage.page.locator("tbody tr").last.locator(".cell").all_inner_texts() == ["+15.0", "−8.0", "0"]


def test_for_and_against_differ_in_sign_as_well_as_colour(stage: Stage) -> None:
    cells = stage.page.locator("tbody tr").last.locator(".cell")
    colours = [cells.nth(at).evaluate("(node) => getComputedStyle(node).backgroundColor") for at in range(3)]
    assert len(set(colours)) == 3
    assert "−8.0" in (cells.nth(1).get_attribute("aria-label") or "")


def test_data_is_shown_as_text_never_as_markup(stage: Stage) -> None:
    evil = "<img src=x onerror=\"document.title='owned'\">"
    data = heatmap_data()
    data["rows"][4]["cells"][0] = data["rows"][4]["subject"] = evil
    stage.rerun(data)
    assert stage.page.locator("table img").count() == 0
    assert stage.page.title() != "owned"
