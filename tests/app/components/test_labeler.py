"""The labeler in Chromium: keys, modes, undo, and an outbox that loses and doubles nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

import app.components.labeler
from app.components.labeler import SCRIPTS
from tests.app.components.conftest import DARK, Stage
from tests.app.components.records import card, event, labeler_data

pytestmark = pytest.mark.browser
FOLDER = Path(app.components.labeler.__file__).parent


@pytest.fixture
def stage(make_stage: Callable[..., Stage]) -> Stage:
    return make_stage(FOLDER, SCRIPTS)


def last_operations(stage: Stage) -> list[dict[str, Any]]:
    return stage.sent("sync")[-1]["operations"]


def kinds(stage: Stage) -> list[tuple[str, str, str | None]]:
    return [(each["kind"], each["session_id"], each.get("intent")) for each in last_operations(stage)]


def everything_sent(stage: Stage) -> dict[str, dict[str, Any]]:
    """Every operation ever sent, by its id."""
    return {each["client_id"]: each for sync in stage.sent("sync") for each in sync["operations"]}


def wait_for_operations(stage: Stage, count: int) -> None:
    stage.page.wait_for_function(
        "(n) => new Set(window.sent.flatMap((s) => (s.value.operations || []).map((o) => o.client_id))).size >= n",
        arg=count,
    )


def test_a_key_labels_the_session_and_shows_the_next(stage: Stage) -> None:
    stage.rerun(labeler_data(card("s1"), card("s2", 5)))
    stage.press("2")
    assert kinds(stage) == [("submit", "s1", "search")]
    assert last_operations(stage)[0]["target_kind"] == "session"
    expect(stage.page.locator(".row")).to_have_count(5)


def test_a_key_labels_the_focused_event_and_moves_down(stage: Stage) -> None:
    stage.rerun(labeler_data(card("s1")))
    stage.press("ArrowDown", "j", "3")
    operation = last_operations(stage)[0]
    assert (operation["target_kind"], operation["event_id"], operation["intent"]) == ("event", "s1.1", "purchase")
    expect(stage.page.locator(".row.focus")).to_have_attribute("data-row", "2")
    expect(stage.page.locator(".mode")).to_contain_text("event 3 of 3")


def test_escape_returns_to_the_session(stage: Stage) -> None:
    stage.rerun(labeler_data(card("s1"), card("s2")))
    stage.press("k", "Escape", "1")
    assert last_operations(stage)[0]["target_kind"] == "session"


def test_the_same_key_again_takes_an_events_label_away(stage: Stage) -> None:
    stage.rerun(labeler_data(card("s1")))
    stage.press("ArrowDown", "3", "ArrowUp", "3")
    wait_for_operations(stage, 1)
    stage.rerun(labeler_data(acknowledged=[last_operations(stage)[0]["client_id"]]))
    assert [each["kind"] for each in last_operations(stage)] == ["undo"]


def test_space_skips_and_enter_goes_on_without_a_label(stage: Stage) -> None:
    stage.rerun(labeler_data(card("s1"), card("s2"), card("s3", 4)))
    stage.press("Enter", "Space")
    assert [(each["session_id"], each["status"]) for each in last_operations(stage)] == [("s2", "skipped")]
    expect(stage.page.locator(".row")).to_have_count(4)


def test_undo_and_redo_cross_sessions(stage: Stage) -> None:
    stage.rerun(labeler_data(card("s1", 2), card("s2", 4)))
    stage.press("1", "Control+z")
    expect(stage.page.locator(".row")).to_have_count(2)
    stage.press("Control+Shift+Z")
    expect(stage.page.locator(".row")).to_have_count(4)
    stage.rerun(labeler_data(acknowledged=[each["client_id"] for each in last_operations(stage)]))
    sent = sorted(everything_sent(stage).values(), key=lambda each: each["sequence"])
    assert [each["kind"] for each in sent] == ["submit", "undo", "submit"]
    assert sent[1]["undoes"] == sent[0]["client_id"] != sent[2]["client_id"]


def test_undoing_a_changed_label_restores_the_one_before(stage: Stage) -> None:
    given = [{"event_id": None, "intent": "browse", "status": "submitted", "client_id": "old"}]
    stage.rerun(labeler_data(card("s1", given=given), card("s2")))
    stage.press("3", "Control+z")
    stage.rerun(labeler_data(acknowledged=[last_operations(stage)[0]["client_id"]]))
    assert kinds(stage) == [("submit", "s1", "browse")]


def test_rerunning_the_script_does_not_multiply_key_presses(stage: Stage) -> None:
    for _ in range(6):
        stage.rerun(labeler_data(*(card(f"s{number}") for number in range(9))))
    stage.press("1")
    assert len(everything_sent(stage)) == 1


def test_a_thousand_fast_presses_are_all_sent_once(stage: Stage) -> None:
    stage.rerun(labeler_data(*(card(f"s{number}", 6) for number in range(1001))))
    stage.page.evaluate(
        """async () => {
          for (let n = 0; n < 1000; n++) {
            document.dispatchEvent(new KeyboardEvent('keydown', {key: String(1 + (n % 3)), bubbles: true}));
            if (n % 10 === 0) await new Promise((go) => setTimeout(go));
          }
        }"""
    )
    seen: dict[str, str] = {}
    for _ in range(4):
        seen |= {key: each["session_id"] for key, each in everything_sent(stage).items()}
        stage.rerun(labeler_data(acknowledged=list(seen)))
    seen |= {key: each["session_id"] for key, each in everything_sent(stage).items()}
    assert sorted(seen.values()) == sorted(f"s{number}" for number in range(1000))


def test_labels_survive_a_reload_until_they_are_acknowledged(stage: Stage, make_stage: Callable[..., Stage]) -> None:
    stage.rerun(labeler_data(card("s1"), card("s2")))
    stage.press("1")
    client_id = last_operations(stage)[0]["client_id"]
    stage.page.reload()
    again = make_stage(FOLDER, SCRIPTS)
    again.rerun(labeler_data(card("s2")))
    assert [each["client_id"] for each in last_operations(again)] == [client_id]
    again.rerun(labeler_data(acknowledged=[client_id]))
    assert again.page.evaluate("localStorage.length") == 0


def test_an_unanswered_batch_is_sent_again(stage: Stage) -> None:
    stage.rerun(labeler_data(card("s1"), card("s2")))
    stage.press("1")
    stage.page.wait_for_function("window.sent.length >= 2", timeout=8000)
    assert len(everything_sent(stage)) == 1


def test_it_says_whether_labels_are_saved(stage: Stage) -> None:
    stage.rerun(labeler_data(card("s1"), card("s2")))
    state = stage.page.locator(".state")
    expect(state).to_have_attribute("data-state", "saved")
    stage.press("1")
    expect(state).to_have_attribute("data-state", "saving")
    stage.rerun(labeler_data(acknowledged=list(everything_sent(stage))))
    expect(state).to_have_attribute("data-state", "saved")


def test_it_asks_for_more_cards_before_they_run_out(stage: Stage) -> None:
    stage.rerun(labeler_data(card("s1"), card("s2"), exhausted=False))
    sync = stage.sent("sync")[-1]
    assert sync["wanted"] > 0
    assert sync["loaded"] == ["s1", "s2"]


def test_repeated_events_are_folded_and_unfold_on_demand(stage: Stage) -> None:
    rows = [[event("a", title="Mug"), event("b", title="Mug"), event("c", title="Mug")]]
    stage.rerun(labeler_data(card("s1", rows=rows)))
    expect(stage.page.locator(".row")).to_have_count(1)
    stage.page.get_by_role("button", name="×3").click()
    expect(stage.page.locator(".row")).to_have_count(3)


def test_a_label_on_a_fold_is_a_label_on_each_of_its_events(stage: Stage) -> None:
    rows = [[event("a", title="Mug"), event("b", title="Mug")], [event("c", title="Cup")]]
    stage.rerun(labeler_data(card("s1", rows=rows)))
    stage.press("ArrowDown", "2")
    assert [each["event_id"] for each in last_operations(stage)] == ["a", "b"]


def test_mouse_and_touch_label_too(stage: Stage) -> None:
    stage.rerun(labeler_data(card("s1"), card("s2")))
    stage.page.locator(".row").nth(1).click()
    stage.page.get_by_role("button", name="Purchase").click()
    assert last_operations(stage)[0]["event_id"] == "s1.1"


def test_typing_in_a_field_labels_nothing(stage: Stage) -> None:
    stage.rerun(labeler_data(card("s1"), card("s2")))
    stage.page.evaluate("document.body.append(Object.assign(document.createElement('input'), {id: 'name'}))")
    stage.page.locator("#name").type("12 3")
    assert everything_sent(stage) == {}


def test_data_is_shown_as_text_never_as_markup(stage: Stage) -> None:
    evil = "<img src=x onerror=\"document.title='owned'\"><b>bold</b>"
    stage.rerun(labeler_data(card("s1", rows=[[event("a", title=evil, query=evil, brand=evil)]])))
    assert stage.page.locator(".row b, .row img").count() == 0
    assert evil in (stage.page.locator(".subject").text_content() or "")
    assert stage.page.title() != "owned"


def test_help_lists_the_keys_and_closes_with_escape(stage: Stage) -> None:
    stage.rerun(labeler_data(card("s1")))
    stage.press("?")
    expect(stage.page.get_by_role("dialog")).to_contain_text("Ctrl+Shift+Z")
    stage.press("Escape")
    expect(stage.page.get_by_role("dialog")).to_have_count(0)


def test_the_next_session_is_on_screen_at_once(stage: Stage) -> None:
    stage.rerun(labeler_data(*(card(f"s{number}", 12) for number in range(60))))
    stage.page.wait_for_timeout(200)
    times = stage.page.evaluate(
        """async () => {
          const times = [];
          for (let n = 0; n < 50; n++) {
            const start = performance.now();
            document.dispatchEvent(new KeyboardEvent('keydown', {key: '1', bubbles: true}));
            document.body.getBoundingClientRect();
            window.root.querySelector('.rows').getBoundingClientRect();
            times.push(performance.now() - start);
            await new Promise((go) => setTimeout(go, 30));
          }
          return times.sort((one, two) => one - two);
        }"""
    )
    assert times[47] < 50, f"p95 {times[47]:.1f} ms"


def test_dark_theme_takes_the_dark_colours(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(FOLDER, SCRIPTS, DARK)
    stage.rerun(labeler_data(card("s1")))
    root = stage.page.locator(".labeler")
    assert root.evaluate("(node) => node.style.getPropertyValue('--intent-browse')") == "#7aa7ff"
