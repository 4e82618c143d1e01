"""What the labeler sends, keeps and asks for: an outbox that loses and doubles nothing."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from app.components.labeler import SCRIPTS
from tests.app.components.conftest import ADDRESS, Stage
from tests.app.components.labeler.api import FOLDER, Api, kinds
from tests.app.components.records import card, labeler_data

pytestmark = pytest.mark.browser


def test_a_thousand_fast_presses_are_all_sent_once(stage: Stage, api: Api) -> None:
    stage.rerun(labeler_data(*(card(f"s{number}", 6) for number in range(1001))))
    stage.page.evaluate(
        """async () => {
          for (let n = 0; n < 1000; n++) {
            document.dispatchEvent(new KeyboardEvent('keydown', {key: String(1 + (n % 3)), bubbles: true}));
            if (n % 10 === 0) await new Promise((go) => setTimeout(go));
          }
        }"""
    )
    assert [each["session_id"] for each in api.operations(1000)] == [f"s{number}" for number in range(1000)]


def test_labels_survive_a_reload_until_they_are_acknowledged(
    stage: Stage, api: Api, make_stage: Callable[..., Stage]
) -> None:
    api.status = 503
    stage.rerun(labeler_data(card("s1"), card("s2")))
    stage.press("1")
    client_id = api.operations(1)[0]["client_id"]
    stage.page.reload()
    again = make_stage(FOLDER, SCRIPTS)
    api.status = 200
    again.rerun(labeler_data(card("s1"), card("s2", 5)))
    expect(again.page.locator(".state")).to_have_attribute("data-state", "saved")
    assert api.operations(1)[0]["client_id"] == client_id
    assert again.page.evaluate("localStorage.length") == 0
    expect(again.page.locator(".row")).to_have_count(5)  # s1 is done and does not come again


def test_two_tabs_keep_what_the_other_has_not_sent(stage: Stage, api: Api, make_stage: Callable[..., Stage]) -> None:
    """The second tab is closed before anything of it was sent; the first brings it home."""
    api.status = 503
    other_page = stage.page.context.new_page()
    other_page.route(ADDRESS + "**", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    other_page.route("**/v1/labels", lambda route: route.abort())
    other_page.goto(ADDRESS)
    other = Stage(other_page, FOLDER, SCRIPTS)
    stage.rerun(labeler_data(card("s1"), card("s2")))
    other.rerun(labeler_data(card("s7"), card("s8")))
    stage.press("1")
    other.press("2")
    other_page.close()
    stage.page.wait_for_function("localStorage.length === 2")  # one page hears of the other's a little later
    stage.page.reload()
    api.status = 200
    make_stage(FOLDER, SCRIPTS).rerun(labeler_data(card("s2")))
    assert kinds(api, 2) == [("submit", "s1", "browse"), ("submit", "s7", "search")]


def test_what_is_not_answered_is_sent_again_and_said(stage: Stage, api: Api) -> None:
    api.status = 503
    stage.rerun(labeler_data(card("s1"), card("s2")))
    stage.press("1")
    state = stage.page.locator(".state")
    expect(state).to_have_attribute("data-state", "failed")
    expect(state).to_have_attribute("title", "The disk is full.")
    api.status = 403
    expect(state).to_have_attribute("data-state", "foreign")
    api.status = 200
    expect(state).to_have_attribute("data-state", "saved")
    assert len(api.posts) > 2
    assert len(api.operations(1)) == 1


def test_what_the_journal_refuses_is_told_and_forgotten(stage: Stage, api: Api) -> None:
    api.refused = {"any": "'dance' is not an intent."}
    stage.rerun(labeler_data(card("s1"), card("s2")))
    stage.press("1")
    expect(stage.page.locator(".state")).to_have_attribute("title", "'dance' is not an intent.")
    assert stage.page.evaluate("localStorage.length") == 0


def test_it_says_whether_labels_are_saved(stage: Stage, api: Api) -> None:
    stage.rerun(labeler_data(card("s1"), card("s2")))
    state = stage.page.locator(".state")
    expect(state).to_have_attribute("data-state", "saved")
    api.status = 503
    stage.press("1")
    expect(state).to_have_attribute("data-state", "saving")
    api.status = 200
    expect(state).to_have_attribute("data-state", "saved")


def test_it_asks_the_api_for_more_cards_before_they_run_out(stage: Stage, api: Api) -> None:
    api.cards = [card("s3", 5)]
    stage.rerun(labeler_data(card("s1"), card("s2"), exhausted=False))
    stage.press("1", "2")
    expect(stage.page.locator(".row")).to_have_count(5)
    first = api.asked[0]
    assert (first["desk"], first["loaded"], first["wanted"] > 0) == ("desk", ["s1", "s2"], True)
    assert stage.sent("sync") == []


def test_cards_that_come_to_an_empty_labeler_are_shown(stage: Stage, api: Api) -> None:
    api.cards = [card("s1", 4)]
    stage.rerun(labeler_data(exhausted=False))
    expect(stage.page.locator(".row")).to_have_count(4)
    stage.press("1")
    assert kinds(api, 1) == [("submit", "s1", "browse")]


def test_after_a_restart_a_tab_goes_on_with_its_own_sessions_and_says_which(stage: Stage, api: Api) -> None:
    api.cards = []
    data = labeler_data(card("s1"), card("s2", 5), exhausted=False)
    stage.rerun(data)
    stage.page.wait_for_function("window.sent.length > 0")
    asked = len(api.asked)
    post = data["post"] | {"desk": "another", "token": "new"}
    stage.rerun(labeler_data(card("s9", 4), exhausted=False, post=post))
    stage.press("1")
    expect(stage.page.locator(".row")).to_have_count(5)
    assert api.asked[asked] == {"desk": "another", "wanted": 0, "loaded": ["s1", "s2"]}
    stage.press("1")
    expect(stage.page.locator(".row")).to_have_count(0)  # s9 may be on another tab
    assert api.asked[-1]["loaded"] != [], "nothing loaded would mean a page that begins"


def test_where_the_api_has_no_cards_the_page_is_asked(stage: Stage, api: Api) -> None:
    stage.rerun(labeler_data(card("s1"), exhausted=False))
    stage.page.wait_for_function("window.sent.length > 0")
    sync = stage.sent("sync")[-1]
    assert sync["wanted"] > 0
    assert sync["loaded"] == ["s1"]


def test_the_page_is_asked_for_the_words_at_the_queues_end(stage: Stage, api: Api) -> None:
    api.cards = []
    stage.rerun(labeler_data(card("s1"), exhausted=False))
    stage.page.wait_for_function("window.sent.length > 0")
    stage.rerun(labeler_data(card("s1"), exhausted=True))
    stage.press("1")
    expect(stage.page.locator(".empty")).to_contain_text(labeler_data()["texts"]["queue_done"])
    assert len(stage.sent("sync")) == 1


def test_a_key_on_the_empty_card_labels_nothing(stage: Stage, api: Api) -> None:
    stage.rerun(labeler_data(card("s1"), exhausted=False))
    stage.press("1", "2", "3", "Space", "Enter")
    expect(stage.page.locator(".empty")).to_contain_text("Loading more sessions")
    stage.rerun(labeler_data(card("s2"), exhausted=False))
    expect(stage.page.locator(".rows")).to_be_visible()
    stage.press("3")
    assert kinds(api, 2) == [("submit", "s1", "browse"), ("submit", "s2", "purchase")]
