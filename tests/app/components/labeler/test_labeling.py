"""The labeler in Chromium: keys, modes, spans, undo, the card and its drawer."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from app.components.labeler import SCRIPTS
from tests.app.components.conftest import DARK, Stage
from tests.app.components.labeler.api import FOLDER, Api, kinds
from tests.app.components.records import card, event, labeler_data

pytestmark = pytest.mark.browser


def test_a_key_labels_the_session_and_shows_the_next(stage: Stage, api: Api) -> None:
    stage.rerun(labeler_data(card("s1"), card("s2", 5)))
    stage.press("2")
    assert kinds(api, 1) == [("submit", "s1", "search")]
    assert api.operations(1)[0]["target_kind"] == "session"
    expect(stage.page.locator(".row")).to_have_count(5)


def test_a_key_labels_the_focused_event_and_moves_down(stage: Stage, api: Api) -> None:
    stage.rerun(labeler_data(card("s1")))
    stage.press("ArrowDown", "j", "3")
    operation = api.operations(1)[0]
    assert (operation["target_kind"], operation["event_id"], operation["intent"]) == ("event", "s1.1", "purchase")
    expect(stage.page.locator(".row.focus")).to_have_attribute("data-row", "2")
    expect(stage.page.locator(".mode")).to_contain_text("event 3 of 3")


def test_escape_returns_to_the_session(stage: Stage, api: Api) -> None:
    stage.rerun(labeler_data(card("s1"), card("s2")))
    stage.press("k", "Escape", "1")
    assert api.operations(1)[0]["target_kind"] == "session"


def test_the_same_key_again_takes_an_events_label_away(stage: Stage, api: Api) -> None:
    stage.rerun(labeler_data(card("s1")))
    stage.press("ArrowDown", "3", "ArrowUp", "3")
    given, taken = api.operations(2)
    assert (taken["kind"], taken["undoes"]) == ("undo", given["client_id"])


def test_space_skips_and_enter_goes_on_without_a_label(stage: Stage, api: Api) -> None:
    stage.rerun(labeler_data(card("s1"), card("s2"), card("s3", 4)))
    stage.press("Enter", "Space")
    assert [(each["session_id"], each["status"]) for each in api.operations(1)] == [("s2", "skipped")]
    expect(stage.page.locator(".row")).to_have_count(4)


def test_undo_and_redo_cross_sessions(stage: Stage, api: Api) -> None:
    stage.rerun(labeler_data(card("s1", 2), card("s2", 4)))
    stage.press("1", "Control+z")
    expect(stage.page.locator(".row")).to_have_count(2)
    stage.press("Control+Shift+Z")
    expect(stage.page.locator(".row")).to_have_count(4)
    sent = api.operations(3)
    assert [each["kind"] for each in sent] == ["submit", "undo", "submit"]
    assert sent[1]["undoes"] == sent[0]["client_id"] != sent[2]["client_id"]


def test_undoing_a_changed_label_restores_the_one_before(stage: Stage, api: Api) -> None:
    given = [{"event_id": None, "intent": "browse", "status": "submitted", "client_id": "old"}]
    stage.rerun(labeler_data(card("s1", given=given), card("s2")))
    stage.press("3", "Control+z")
    assert kinds(api, 2) == [("submit", "s1", "purchase"), ("submit", "s1", "browse")]


def test_rerunning_the_script_does_not_multiply_key_presses(stage: Stage, api: Api) -> None:
    for _ in range(6):
        stage.rerun(labeler_data(*(card(f"s{number}") for number in range(9))))
    stage.press("1")
    assert len(api.operations(1)) == 1


def test_repeated_events_are_folded_and_unfold_on_demand(stage: Stage, api: Api) -> None:
    rows = [[event("a", title="Mug"), event("b", title="Mug"), event("c", title="Mug")]]
    stage.rerun(labeler_data(card("s1", rows=rows)))
    expect(stage.page.locator(".row")).to_have_count(1)
    stage.page.locator(".fold").click()
    expect(stage.page.locator(".row")).to_have_count(3)


def test_a_label_on_a_fold_is_a_label_on_each_of_its_events(stage: Stage, api: Api) -> None:
    rows = [[event("a", title="Mug"), event("b", title="Mug")], [event("c", title="Cup")]]
    stage.rerun(labeler_data(card("s1", rows=rows)))
    stage.press("ArrowDown", "2")
    assert [each["event_id"] for each in api.operations(2)] == ["a", "b"]


def test_mouse_and_touch_label_too(stage: Stage, api: Api) -> None:
    stage.rerun(labeler_data(card("s1"), card("s2")))
    stage.page.locator(".row").nth(1).click()
    stage.page.get_by_role("button", name="Purchase").click()
    assert api.operations(1)[0]["event_id"] == "s1.1"


def test_typing_in_a_field_labels_nothing(stage: Stage, api: Api) -> None:
    stage.rerun(labeler_data(card("s1"), card("s2")))
    stage.page.evaluate("document.body.append(Object.assign(document.createElement('input'), {id: 'name'}))")
    stage.page.locator("#name").type("12 3")
    stage.page.wait_for_timeout(50)
    assert api.posts == []


def test_data_is_shown_as_text_never_as_markup(stage: Stage, api: Api) -> None:
    evil = "<img src=x onerror=\"document.title='owned'\"><b>bold</b>"
    stage.rerun(labeler_data(card("s1", rows=[[event("a", title=evil, query=evil, brand=evil)]])))
    assert stage.page.locator(".row b, .row img").count() == 0
    assert evil in (stage.page.locator(".subject").text_content() or "")
    assert stage.page.title() != "owned"


def test_the_event_under_the_hand_is_in_sight_all_the_way_down_and_up(stage: Stage, api: Api) -> None:
    stage.rerun(labeler_data(card("s1", 60)))
    is_in_sight = """(row) => {
      const [inner, outer] = [row.getBoundingClientRect(), row.parentElement.getBoundingClientRect()];
      return inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
    }"""
    for key in ["ArrowDown"] * 30 + ["ArrowUp"] * 20:
        stage.press(key)
        assert stage.page.locator(".row.focus").evaluate(is_in_sight)


def test_a_very_long_text_leaves_everything_in_its_place(stage: Stage, api: Api) -> None:
    rows = [[event(f"e{number}", at_s=number, query="q" * 3000, category="A > " * 200)] for number in range(3)]
    stage.rerun(labeler_data(card("s1", rows=rows)))
    first = stage.page.locator(".row").first
    assert first.evaluate("(row) => row.offsetHeight") < 200
    stage.press("ArrowDown", "ArrowDown")
    bar, focused = stage.page.locator(".bar"), stage.page.locator(".row.focus")
    assert bar.evaluate("(bar) => bar.scrollWidth <= bar.clientWidth")
    for intent in stage.page.locator(".intent").all():
        expect(intent).to_be_in_viewport()
    assert focused.evaluate("(row) => row.offsetHeight") > 200  # what is under the hand can be read
    assert focused.evaluate("(row) => row.offsetTop >= row.parentElement.scrollTop")  # from its beginning


def test_a_span_is_extended_and_a_label_goes_to_all_of_it(stage: Stage, api: Api) -> None:
    stage.rerun(labeler_data(card("s1", 5)))
    stage.press("ArrowDown", "ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown")
    expect(stage.page.locator(".mode")).to_contain_text("events 2–4 of 5")
    expect(stage.page.locator(".row.span")).to_have_count(3)
    stage.press("2")
    assert [(each["event_id"], each["intent"]) for each in api.operations(3)] == [
        (f"s1.{number}", "search") for number in (1, 2, 3)
    ]
    expect(stage.page.locator(".row.focus")).to_have_attribute("data-row", "4")
    stage.press("Control+z")
    assert [each["kind"] for each in api.operations(6)[3:]] == ["undo"] * 3


def test_shift_and_a_click_extend_a_span_too(stage: Stage, api: Api) -> None:
    stage.rerun(labeler_data(card("s1", 4)))
    stage.page.locator(".row").nth(2).click()
    stage.page.locator(".row").nth(0).click(modifiers=["Shift"])
    stage.press("3")
    assert [each["event_id"] for each in api.operations(3)] == ["s1.0", "s1.1", "s1.2"]


def test_the_lane_shows_every_row_and_a_click_goes_there(stage: Stage, api: Api) -> None:
    stage.rerun(labeler_data(card("s1", 4)))
    expect(stage.page.locator(".step")).to_have_count(4)
    stage.page.locator(".step").nth(2).click()
    expect(stage.page.locator(".row.focus")).to_have_attribute("data-row", "2")


def test_a_doubt_and_a_note_go_with_the_label_and_end_with_it(stage: Stage, api: Api) -> None:
    stage.rerun(labeler_data(card("s1"), card("s2"), card("s3")))
    stage.press("x", "n")
    stage.page.keyboard.type("12 ways to read it")
    stage.press("Enter", "2", "1")
    first, second = api.operations(2)
    assert (first["intent"], first["status"], first["note"]) == ("search", "unsure", "12 ways to read it")
    assert (second["intent"], second["status"], second["note"]) == ("browse", "submitted", None)


def test_unsure_without_an_intent_is_kept_by_enter(stage: Stage, api: Api) -> None:
    stage.rerun(labeler_data(card("s1"), card("s2", 5)))
    stage.press("x", "Enter")
    operation = api.operations(1)[0]
    assert (operation["session_id"], operation["intent"], operation["status"]) == ("s1", None, "unsure")
    expect(stage.page.locator(".row")).to_have_count(5)
    stage.press("ArrowLeft")
    expect(stage.page.locator("[data-given=session]")).to_have_text("Unsure")


def test_the_drawer_tells_what_the_visitor_did_before(stage: Stage, api: Api) -> None:
    before = {"session_id": "s0", "started_at": 1_760_000_000_000, "events": 7, "has_cart": True, "has_purchase": False}
    earlier = {"count": 3, "sessions": [before | {"query": "blue mug", "intent": "search", "status": "submitted"}]}
    stage.rerun(labeler_data(card("s1", earlier=earlier), card("s2")))
    expect(stage.page.get_by_role("button", name="Earlier sessions: 3")).to_be_visible()
    stage.press("h")
    drawer = stage.page.locator(".drawer")
    for words in ("7 events", "blue mug", "Search", "2 more"):
        expect(drawer).to_contain_text(words)
    stage.press("1")
    expect(drawer).to_contain_text("first session")
    stage.press("h")
    expect(drawer).to_be_hidden()


def test_the_next_session_is_on_screen_at_once(stage: Stage, api: Api) -> None:
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


def test_a_link_to_an_event_or_span_lays_the_hand_there(stage: Stage, api: Api) -> None:
    target = {"session_id": "s1", "event_id": "s1.1", "until": "s1.3"}
    stage.rerun(labeler_data(card("s1", 5), card("s2"), target=target))
    expect(stage.page.locator(".mode")).to_contain_text("2")
    expect(stage.page.locator(".row.span")).to_have_count(3)
    stage.press("3")
    given = api.operations(3)
    assert [(each["target_kind"], each["event_id"]) for each in given] == [("event", f"s1.{n}") for n in (1, 2, 3)]
    stage.press("Escape", "1")
    stage.rerun(labeler_data(target=target))
    expect(stage.page.locator(".row.focus")).to_have_count(0)  # the hand is laid there once


def test_a_link_to_an_event_in_a_fold_opens_it(stage: Stage, api: Api) -> None:
    twice = card("s1", 2)
    twice["rows"] = [[event("a", "s1"), event("b", "s1", 5)], [event("c", "s1", 9)]]
    stage.rerun(labeler_data(twice, target={"session_id": "s1", "event_id": "b", "until": ""}))
    stage.press("2")
    assert [each["event_id"] for each in api.operations(1)] == ["b"]
