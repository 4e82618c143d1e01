"""Suggestions in the labeler: shown, accepted, hidden, blind."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from app.components.labeler import SCRIPTS
from tests.app.components.conftest import Stage
from tests.app.components.labeler.api import FOLDER, Api
from tests.app.components.records import card, labeler_data

pytestmark = pytest.mark.browser


SUGGESTION = {"intent": "search", "score": 0.834, "agent": "model-7", "blind": False, "planted": True}


def test_a_suggestion_is_shown_accepted_by_a_key_and_recorded(stage: Stage, api: Api) -> None:
    stage.rerun(labeler_data(card("s1", suggestion=SUGGESTION), card("s2", suggestion=SUGGESTION)))
    expect(stage.page.locator(".accept")).to_contain_text("Suggested: Search 0.83 (by model-7)")
    expect(stage.page.locator(".intent.suggested")).to_have_attribute("data-intent", "search")
    stage.press("a", "3")
    accepted, other = (each["suggestion"] for each in api.operations(2))
    assert (accepted["value"], accepted["score"], accepted["agent"]) == ("search", 0.834, "model-7")
    assert (accepted["accepted"], other["accepted"]) == (True, False)
    assert (accepted["planted"], accepted["blind"]) == (True, False)
    assert accepted["latency_ms"] >= 0
    assert accepted["shown_at"].endswith("Z")


def test_a_blind_suggestion_is_recorded_but_never_shown(stage: Stage, api: Api) -> None:
    stage.rerun(labeler_data(card("s1", suggestion=SUGGESTION | {"blind": True}), card("s2")))
    stage.press("a")
    expect(stage.page.locator(".accept")).to_have_count(0)
    stage.press("2", "1")
    blind, none = (each.get("suggestion") for each in api.operations(2))
    assert blind is not None
    assert (blind["blind"], blind["shown_at"], blind["accepted"]) == (True, None, True)
    assert none is None


def test_hidden_suggestions_stay_hidden_after_a_reload(
    stage: Stage, api: Api, make_stage: Callable[..., Stage]
) -> None:
    stage.rerun(labeler_data(card("s1", suggestion=SUGGESTION)))
    stage.press("s")
    expect(stage.page.locator(".accept")).to_have_count(0)
    stage.page.reload()
    again = make_stage(FOLDER, SCRIPTS)
    again.rerun(labeler_data(card("s1", suggestion=SUGGESTION)))
    expect(again.page.locator(".accept")).to_have_count(0)
    again.page.get_by_role("button", name="Show suggestions").click()
    expect(again.page.locator(".accept")).to_be_visible()
