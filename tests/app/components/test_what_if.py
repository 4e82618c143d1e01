"""The what-if editor in Chromium: every edit is written down, taken back and shown, and bars say what it does."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

import app.components.what_if as component
from app.components.what_if import SCRIPTS
from tests.app.components.conftest import Stage
from tests.app.components.records import INTENTS, START_MS, TYPES, texts

pytestmark = pytest.mark.browser
FOLDER = Path(component.__file__).parent
CHOICES = {"types": list(TYPES), "items": [["i1", "Red mug"]], "queries": ["mug", "lamp"]}


def row(number: int, **values: Any) -> dict[str, Any]:
    known = {"event_id": f"e{number}", "n": number, "t": START_MS + number * 8000, "type": "view", "subject": "Red mug"}
    nothing = {"item_id": "i1", "query": None, "text": None, "price": 9.5, "currency": "EUR"}
    return known | nothing | {"gap_s": 8 if number > 1 else 0, "mark": "", "starts": False} | values


def data(*rows: dict[str, Any], **values: Any) -> dict[str, Any]:
    known = {"language": "en", "texts": texts("what_if"), "types": TYPES, "intents": INTENTS, "edits": "", "version": 0}
    told = {"before": [0.5, 0.3, 0.2], "after": [0.5, 0.3, 0.2], "error": None, "choices": CHOICES}
    return known | told | {"rows": list(rows) or [row(1), row(2), row(3)]} | values


@pytest.fixture
def stage(make_stage: Callable[..., Stage]) -> Stage:
    stage = make_stage(FOLDER, SCRIPTS)
    stage.rerun(data())
    return stage


def last_edits(stage: Stage, count: int) -> list[Any]:
    """What was told last, once so many tellings are there."""
    stage.page.wait_for_function(f"window.sent.filter((one) => one.name === 'edits').length >= {count}")
    text = stage.sent("edits")[-1]
    return json.loads(text) if text else []


def press(stage: Stage, name: str) -> None:
    stage.page.get_by_role("button", name=name, exact=True).click()


def test_each_edit_is_told_whole_and_undone_and_redone(stage: Stage) -> None:
    press(stage, "Remove: 2. View")
    assert last_edits(stage, 1) == [["r", "e2"]]
    press(stage, "Later: 1. View")
    assert last_edits(stage, 2) == [["r", "e2"], ["m", "e1", 1]]
    press(stage, "Undo")
    assert last_edits(stage, 3) == [["r", "e2"]]
    press(stage, "Redo")
    assert last_edits(stage, 4) == [["r", "e2"], ["m", "e1", 1]]
    press(stage, "Reset")
    assert last_edits(stage, 5) == []


def test_a_removed_event_is_put_back(stage: Stage) -> None:
    press(stage, "Remove: 2. View")
    assert last_edits(stage, 1) == [["r", "e2"]]
    stage.rerun(data(row(1), row(2, mark="removed", n="–"), row(2, event_id="e3"), edits='[["r","e2"]]'))
    press(stage, "Put back: –. View")
    assert last_edits(stage, 2) == []


def test_a_changed_field_is_an_edit_of_that_field_alone(stage: Stage) -> None:
    press(stage, "Change: 2. View")
    form = stage.page.get_by_role("group", name="Change event 2")
    form.get_by_label("Price (EUR)").fill("3")
    form.get_by_label("Price (EUR)").press("Tab")
    assert last_edits(stage, 1) == [["c", "e2", {"price": 3}]]
    form.get_by_label("Type").select_option("search")
    assert last_edits(stage, 2) == [["c", "e2", {"price": 3, "event_type": "search"}]]
    form.get_by_label("Unit of time").select_option("60")
    assert last_edits(stage, 3) == [["c", "e2", {"price": 3, "event_type": "search", "gap_s": 480}]]


def test_an_event_is_inserted_after_the_one_above(stage: Stage) -> None:
    press(stage, "Insert an event here 1")
    form = stage.page.get_by_role("group", name="Insert an event here")
    form.get_by_label("Query").fill("lamp")
    form.get_by_role("button", name="Insert", exact=True).click()
    assert last_edits(stage, 1) == [["i", "new1", "e1", 10, {"event_type": "search", "query": "lamp"}]]


def test_bars_say_before_after_and_difference(stage: Stage) -> None:
    stage.rerun(data(after=[0.2, 0.755, 0.045]))
    pair = stage.page.locator(".pair[data-intent='search']")
    expect(pair).to_contain_text("30% → 76%")
    expect(pair).to_contain_text("+46")
    expect(pair).to_contain_text("now first")
    expect(stage.page.locator(".pair[data-intent='purchase'] .by")).to_have_text("−16")
    widths = [stage.page.locator(".pair.wins .bar i").nth(at).evaluate("(node) => node.style.width") for at in (0, 1)]
    assert widths == ["30%", "75.5%"]


def test_edits_of_the_server_are_taken_over_and_can_be_undone(stage: Stage) -> None:
    press(stage, "Remove: 1. View")
    assert last_edits(stage, 1) == [["r", "e1"]]
    stage.rerun(data(edits='[["r","e3"]]', version=1))
    expect(stage.page.get_by_text("1 edit", exact=True)).to_be_visible()
    press(stage, "Undo")
    assert last_edits(stage, 2) == [["r", "e1"]]


def test_an_answer_to_an_older_question_does_not_undo_the_newer(stage: Stage) -> None:
    press(stage, "Remove: 1. View")
    press(stage, "Remove: 2. View")
    stage.rerun(data(edits='[["r","e1"]]'))
    expect(stage.page.get_by_text("2 edits")).to_be_visible()
    assert stage.page.locator(".what-if[data-waiting]").count() == 1


def test_what_cannot_be_is_said_and_bars_show_only_what_was(stage: Stage) -> None:
    stage.rerun(data(after=None, error="price is 'x', expected a number from 0."))
    expect(stage.page.get_by_role("alert")).to_have_text("price is 'x', expected a number from 0.")
    assert stage.page.locator(".bar.after").count() == 0


def test_the_keyboard_keeps_its_place_when_the_answer_comes(stage: Stage) -> None:
    stage.page.get_by_role("button", name="Later: 2. View").focus()
    stage.press("Enter")
    stage.rerun(data(row(1), row(2, event_id="e3"), row(3, event_id="e2", mark="moved")))
    assert stage.page.evaluate("root.activeElement.closest('[data-event]').dataset.event") == "e2"


def test_what_is_half_typed_stays_when_an_answer_comes_and_becomes_an_edit(stage: Stage) -> None:
    press(stage, "Change: 2. View")
    query = stage.page.get_by_role("group", name="Change event 2").get_by_label("Query")
    query.press_sequentially("lam")
    stage.rerun(data(after=[0.4, 0.4, 0.2]))
    expect(query).to_have_value("lam")
    expect(query).to_be_focused()
    stage.press("p")
    stage.rerun(data(after=[0.4, 0.3, 0.3]))
    stage.press("Tab")
    assert last_edits(stage, 1) == [["c", "e2", {"query": "lamp"}]]


def test_the_form_of_a_new_event_is_kept_when_an_answer_comes(stage: Stage) -> None:
    press(stage, "Remove: 3. View")
    press(stage, "Insert an event here 1")
    form = stage.page.get_by_role("group", name="Insert an event here")
    form.get_by_label("Type").select_option("view")
    form.get_by_label("Price").press_sequentially("4")
    stage.rerun(data(row(1), row(2), row(3, mark="removed", n="–"), edits='[["r","e3"]]'))
    stage.press("2")
    form.get_by_label("Query").fill("")
    form.get_by_role("button", name="Insert", exact=True).click()
    inserted = ["i", "new1", "e1", 10, {"event_type": "view", "price": 42}]
    assert last_edits(stage, 2) == [["r", "e3"], inserted]


def test_data_is_shown_as_text_never_as_markup(stage: Stage) -> None:
    evil = "<img src=x onerror=\"document.title='owned'\">"
    stage.rerun(data(row(1, subject=evil, query=evil)))
    press(stage, "Change: 1. View")
    assert stage.page.locator(".what-if img").count() == 0
    assert stage.page.title() != "owned"
