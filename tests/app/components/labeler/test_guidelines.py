"""The labeler's guidelines: beside the card, fetched once a version, and named by every label."""

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.app.components.conftest import Stage
from tests.app.components.labeler.api import Api
from tests.app.components.records import INTENTS, card, labeler_data

pytestmark = pytest.mark.browser

URL = "/v1/guidelines"


class Guidelines:
    """The server's side of GET /v1/guidelines."""

    def __init__(self, page: Page) -> None:
        self.version = 1
        self.answers = True
        self.asked: list[str] = []
        page.route(f"**{URL}*", self._answer)

    def _answer(self, route: Route) -> None:
        self.asked.append(route.request.url)
        if not self.answers:
            route.abort()
            return
        example = {"session_id": "s9", "visitor_id": "v9", "why": "went <b>back</b>", "positive": False}
        told = {
            intent["id"]: {
                "text": f"About **{intent['id']}**, version {self.version}.",
                "yes": "- `query`\n- *list*",
                "no": "<script>alert(1)</script>",
                "examples": [example],
            }
            for intent in INTENTS
        }
        route.fulfill(json={"version": self.version, "intents": told})


@pytest.fixture
def guidelines(page: Page) -> Guidelines:
    return Guidelines(page)


def _data(version: int, *cards: Any, **more: Any) -> dict[str, Any]:
    return labeler_data(*cards, guidelines={"url": URL, "version": version}, **more)


def test_g_shows_the_guideline_of_the_intent_under_the_hand_and_is_remembered(
    stage: Stage, api: Api, guidelines: Guidelines
) -> None:
    stage.rerun(_data(1, card("s1"), card("s2")))
    panel = stage.page.locator(".guidelines")
    expect(panel).to_be_hidden()
    stage.press("g")
    expect(panel).to_contain_text("About browse, version 1.")
    stage.page.locator("[data-intent=purchase]").hover()
    expect(panel).to_contain_text("About purchase")
    expect(panel.locator("b", has_text="purchase")).to_be_visible()
    expect(panel.locator("li", has_text="query").first).to_be_visible()
    expect(panel).to_contain_text("<script>alert(1)</script>")  # text, not markup
    expect(panel.locator("a")).to_have_attribute("href", "/visitor?visitor=v9&session=s9")
    stage.press("2", "3")
    assert [one["guideline_version"] for one in api.operations(2)] == [1, 1]
    assert len(guidelines.asked) == 1  # once a version, not once a card
    stage.page.evaluate("window.cleanup()")
    stage.rerun(_data(1, card("s3")))
    expect(panel).to_contain_text("version 1")
    stage.press("g")
    expect(panel).to_be_hidden()


def test_the_guidelines_are_not_hidden_by_the_drawer(stage: Stage, api: Api, guidelines: Guidelines) -> None:
    stage.rerun(_data(1, card("s1")))
    stage.press("h")
    expect(stage.page.locator(".drawer")).to_be_visible()
    stage.press("g")
    expect(stage.page.locator(".guidelines")).to_be_visible()
    expect(stage.page.locator(".drawer")).to_be_hidden()


def test_a_change_is_told_and_labels_carry_the_version_that_was_seen(
    stage: Stage, api: Api, guidelines: Guidelines
) -> None:
    stage.rerun(_data(1, card("s1"), card("s2"), card("s3"), card("s4")))
    stage.press("g")
    expect(stage.page.locator(".guidelines")).to_contain_text("version 1")
    stage.press("g", "1")
    guidelines.version, guidelines.answers = 2, False
    stage.rerun(_data(2, card("s1")))  # the new one cannot be fetched: the old one is what was seen
    stage.press("1")
    guidelines.answers = True
    stage.rerun(_data(2, card("s1")))
    notice = stage.page.locator(".guidelines.notice")
    expect(notice).to_contain_text("The guidelines changed (version 2)")
    stage.press("1")
    assert [one["guideline_version"] for one in api.operations(3)] == [1, 1, 2]
    notice.get_by_role("button").click()
    expect(stage.page.locator(".guidelines")).to_contain_text("About browse, version 2.")


def test_an_intent_that_goes_while_somebody_labels_loses_nothing(
    stage: Stage, api: Api, guidelines: Guidelines
) -> None:
    stage.rerun(_data(1, card("s1"), card("s2"), card("s3")))
    stage.press("3")
    stage.rerun(_data(2, intents=INTENTS[:2], retired=INTENTS[2:]))
    expect(stage.page.locator("[data-intent=purchase]")).to_have_count(0)
    expect(stage.page.locator(".last")).to_contain_text("Purchase")
    stage.press("Control+z", "1")
    assert [one["kind"] for one in api.operations(3)] == ["submit", "undo", "submit"]
    assert [one.get("intent") for one in api.operations(3)] == ["purchase", None, "browse"]


def test_a_label_of_a_retired_intent_keeps_its_name(stage: Stage, guidelines: Guidelines) -> None:
    gone = {**INTENTS[0], "id": "gift", "name": "Gift", "key": "9"}
    given = {"event_id": None, "intent": "gift", "status": "submitted", "note": None, "client_id": "c1"}
    stage.rerun(_data(1, card("s1") | {"given": [given]}, retired=[gone]))
    expect(stage.page.locator(".label").first).to_have_text("Gift")
    expect(stage.page.locator("[data-intent=gift]")).to_have_count(0)
