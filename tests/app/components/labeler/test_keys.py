"""Keys of one's own in the labeler, and the help that lists them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from app.components.labeler import SCRIPTS
from tests.app.components.conftest import Stage
from tests.app.components.labeler.api import FOLDER, Api, kinds
from tests.app.components.records import card, labeler_data

pytestmark = pytest.mark.browser


def test_a_key_is_changed_in_the_help_and_kept(stage: Stage, api: Api, make_stage: Callable[..., Stage]) -> None:
    stage.rerun(labeler_data(card("s1"), card("s2")))
    stage.press("?")
    stage.page.get_by_role("button", name="Change this key: Purchase").click()
    stage.press("p", "Escape", "p")
    assert kinds(api, 1) == [("submit", "s1", "purchase")]
    stage.page.reload()
    again = make_stage(FOLDER, SCRIPTS)
    again.rerun(labeler_data(card("s2")))
    expect(again.page.locator(".intent[data-intent=purchase] kbd")).to_have_text("P")
    again.press("3", "?")
    again.page.get_by_role("button", name="Reset all keys").click()
    again.press("Escape", "3")
    assert kinds(api, 2)[1] == ("submit", "s2", "purchase")


@pytest.mark.parametrize(("key", "words"), [("j", "taken already: “Event below”"), ("r", "belongs to the browser")])
def test_a_key_that_is_taken_is_refused_with_the_reason(key: str, words: str, stage: Stage, api: Api) -> None:
    stage.rerun(labeler_data(card("s1"), card("s2")))
    stage.press("?")
    stage.page.get_by_role("button", name="Change this key: Purchase").click()
    stage.press(key)
    expect(stage.page.locator(".keymessage")).to_contain_text(words)
    stage.press("Escape", "3")
    assert kinds(api, 1) == [("submit", "s1", "purchase")]


def test_an_intent_whose_key_is_taken_gets_a_spare_one_printed(stage: Stage, api: Api) -> None:
    data = labeler_data(card("s1"), card("s2"))
    intents = [intent | ({"key": "x"} if intent["id"] == "purchase" else {}) for intent in data["intents"]]
    stage.rerun(data | {"intents": intents})
    expect(stage.page.locator(".intent[data-intent=purchase] kbd")).to_have_text("3")
    stage.press("3")
    assert kinds(api, 1) == [("submit", "s1", "purchase")]


def test_help_lists_the_keys_and_closes_with_escape(stage: Stage, api: Api) -> None:
    stage.rerun(labeler_data(card("s1")))
    stage.press("?")
    expect(stage.page.get_by_role("dialog")).to_contain_text("Ctrl+Shift+Z")
    stage.press("Escape")
    expect(stage.page.get_by_role("dialog")).to_have_count(0)
