"""The confusion matrix in the browser: a table of buttons that says what each cell is of."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

import app.components.confusion as component
from app.components.confusion import SCRIPTS
from tests.app.components.conftest import Stage
from tests.app.components.records import INTENTS, texts

FOLDER = Path(component.__file__).parent
COUNTS = [[3, 1, 0], [0, 2, 0], [0, 0, 0]]


def data(**values: Any) -> dict[str, Any]:
    known = {"language": "en", "texts": texts("evaluate"), "intents": INTENTS, "counts": COUNTS, "selected": None}
    return known | values


@pytest.fixture
def stage(make_stage: Callable[..., Stage]) -> Stage:
    stage = make_stage(FOLDER, SCRIPTS)
    stage.rerun(data())
    return stage


def test_rows_columns_and_totals_are_named(stage: Stage) -> None:
    assert stage.page.get_by_role("rowheader").all_inner_texts() == ["Browse", "Search", "Purchase"]
    totals = stage.page.locator("td.total").all_inner_texts()
    assert totals == ["4 (67%)", "2 (33%)", "0 (0%)"]


def test_only_cells_with_sessions_are_buttons(stage: Stage) -> None:
    expect(stage.page.get_by_role("button")).to_have_count(3)
    expect(stage.page.get_by_role("button", name="Labelled Browse, model says Search: 1 of 4 (25%)")).to_be_visible()


def test_choosing_a_cell_by_key_tells_which(stage: Stage) -> None:
    stage.page.get_by_role("button", name="model says Search").focus()
    stage.press("Enter")
    assert stage.sent("cell") == [{"answer": "browse", "guess": "search"}]


def test_choosing_the_chosen_cell_again_lets_it_go(stage: Stage) -> None:
    stage.rerun(data(selected=["browse", "search"]))
    chosen = stage.page.get_by_role("button", pressed=True)
    expect(chosen).to_have_count(1)
    chosen.click()
    assert stage.sent("cell") == [{"none": True}]


def test_right_and_wrong_differ_in_colour_and_in_words(stage: Stage) -> None:
    cells = stage.page.locator("tbody tr").first.get_by_role("button")
    colours = [cells.nth(at).evaluate("(node) => getComputedStyle(node).backgroundColor") for at in range(2)]
    assert colours[0] != colours[1]
    assert "agrees" in (cells.nth(0).get_attribute("aria-label") or "")


def test_names_are_shown_as_text_never_as_markup(stage: Stage) -> None:
    evil = "<img src=x onerror=\"document.title='owned'\">"
    stage.rerun(data(intents=[INTENTS[0] | {"name": evil}, *INTENTS[1:]]))
    assert stage.page.locator("table img").count() == 0
    assert stage.page.title() != "owned"
