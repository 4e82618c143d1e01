"""The intent timeline in Chromium: choosing, zooming, brushing, exporting, and 5,000 events at the screen's speed."""

import base64
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from app.components.timeline import SCRIPTS
from tests.app.components.conftest import Stage
from tests.app.components.records import event
from tests.app.components.timeline_api import (
    DAY_S,
    FOLDER,
    TimelineApi,
    resting,
    settled,
    three_sessions,
    timeline_data,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def stage(make_stage: Callable[..., Stage]) -> Stage:
    return make_stage(FOLDER, SCRIPTS)


def _show(
    stage: Stage, events: list[dict[str, Any]], given: dict[str, Any] | None = None, **values: Any
) -> TimelineApi:
    api = TimelineApi(stage.page, events, **(given or {}))
    stage.rerun(timeline_data(events, **values))
    settled(stage)
    return api


def _box(page: Page) -> dict[str, float]:
    box = page.locator(".stage").bounding_box()
    assert box
    return dict(box)


def _brush(page: Page, start: float, end: float) -> None:
    """With Shift, from one share of the width to another."""
    box = _box(page)
    page.keyboard.down("Shift")
    page.mouse.move(box["x"] + box["width"] * start, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * end, box["y"] + 110, steps=4)
    page.mouse.up()
    page.keyboard.up("Shift")


def test_a_click_chooses_the_nearest_event_and_the_address_names_it(stage: Stage) -> None:
    _show(stage, three_sessions(), view={"session": "s1"})
    box = _box(stage.page)
    stage.page.mouse.click(box["x"] + 10, box["y"] + 100)
    expect(stage.page.locator(".detail")).to_contain_text("Mug 1.0")
    stage.page.wait_for_url("**event=1.0**")
    assert "session=s1" in stage.page.url


def test_arrow_keys_walk_over_events_and_into_the_next_session(stage: Stage) -> None:
    _show(stage, three_sessions(), view={"event": "1.3"})
    stage.page.locator(".stage").focus()
    stage.press("ArrowRight")
    expect(stage.page.locator(".detail")).to_contain_text("Mug 2.0")
    expect(stage.page.locator("[aria-live]")).to_contain_text("Mug 2.0")


def test_the_address_of_an_explanation_names_session_event_and_intent(stage: Stage) -> None:
    _show(stage, three_sessions(), view={"event": "1.2"})
    link = stage.page.get_by_role("link", name="Why Browse?")
    assert link.get_attribute("href") == "/explain?session=s1&event=1.2&intent=browse"
    link.click()
    query = {"session": "s1", "event": "1.2", "intent": "browse"}
    assert stage.sent("go") == [{"page": "explain", "query": query}]


def test_a_date_jumps_to_its_session(stage: Stage) -> None:
    _show(stage, three_sessions())
    stage.page.locator("input[type=date]").fill("2025-10-10")
    expect(stage.page.locator(".detail")).to_contain_text("Mug 1.0")


def test_hovering_says_what_happened_and_how_probabilities_moved(stage: Stage) -> None:
    events = three_sessions()
    events[1] |= {"price": 5.0, "currency": "EUR", "quantity": 2, "cart_value": 10, "cart_currency": "EUR"}
    rows = [[0.2, 0.7, 0.1] if row["event_id"].endswith(".1") else [0.6, 0.3, 0.1] for row in events]
    note = {"session_id": "s0", "event_id": "0.1", "intent": "search", "annotator": "ana", "status": "gold"}
    given = {"rows": {"m1": rows}, "annotations": [note], "changes": [["0.1", "browse", "search"]]}
    _show(stage, events, given, view={"session": "s0"})
    box = _box(stage.page)
    stage.page.mouse.move(box["x"] + box["width"] * 0.38, box["y"] + 100)
    tip = stage.page.locator(".tip")
    for words in ("Mug 0.1", "70%+40", "2 × €5.00", "1 min after the event before", "Cart €10.00"):
        expect(tip).to_contain_text(words)
    expect(tip).to_contain_text("Intent changes: Browse → Search")
    expect(tip).to_contain_text("Event labelled Search by ana (gold)")


def test_it_works_without_a_model(stage: Stage) -> None:
    api = _show(stage, three_sessions(), models=[], champion=None, view={"event": "0.1"})
    expect(stage.page.locator(".legend")).to_contain_text("No probabilities yet")
    expect(stage.page.get_by_role("link", name="Label this session")).to_be_visible()
    assert not any("model_id" in body for body in api.asked)


def test_events_without_a_prediction_leave_a_hole(stage: Stage) -> None:
    rows = [None, *([[0.6, 0.3, 0.1]] * 11)]
    _show(stage, three_sessions(), {"rows": {"m1": rows}}, view={"event": "0.0"})
    expect(stage.page.locator(".detail")).to_contain_text("Mug 0.0")
    assert stage.page.get_by_role("link", name="Why").count() == 0


def test_one_event_alone_and_an_annotation_on_it(stage: Stage) -> None:
    mark = {"event_id": "only", "session_id": "s1", "intent": "purchase", "annotator": "bo", "status": "submitted"}
    _show(stage, [event("only")], {"annotations": [mark]}, view={"event": "only"})
    expect(stage.page.locator(".detail")).to_contain_text("Event labelled Purchase by bo")


def test_data_is_shown_as_text_never_as_markup(stage: Stage) -> None:
    evil = "<img src=x onerror=\"document.title='owned'\">"
    _show(stage, [event("a", title=evil, brand=evil)], view={"event": "a"})
    expect(stage.page.locator(".detail")).to_contain_text(evil)
    assert stage.page.title() != "owned"


def test_a_brushed_span_is_summed_up_and_labelled_as_a_span(stage: Stage) -> None:
    rows = [[0.8, 0.1, 0.1], [0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.2, 0.7, 0.1]] * 3
    _show(stage, three_sessions(), {"rows": {"m1": rows}}, view={"session": "s1"})
    _brush(stage.page, 0.3, 0.7)
    detail = stage.page.locator(".detail")
    expect(detail).to_contain_text("2 events in 1 sessions, 1 min")
    expect(detail).to_contain_text("Search50%+40")  # the mean of 0.3 and 0.7
    stage.page.get_by_role("link", name="Label this span").click()
    query = {"session": "s1", "event": "1.1", "until": "1.2"}
    assert stage.sent("go") == [{"page": "label", "query": query}]
    stage.page.wait_for_url("**until=1.2**")
    stage.page.get_by_role("button", name="Clear").click()
    expect(detail).not_to_contain_text("Span")


def test_a_span_over_sessions_offers_each_part_and_shift_arrows_stretch_it(stage: Stage) -> None:
    _show(stage, three_sessions(), view={"event": "0.3"})
    stage.page.locator(".stage").focus()
    stage.press("Shift+ArrowRight", "Shift+ArrowRight")
    expect(stage.page.locator(".detail")).to_contain_text("3 events in 2 sessions")
    links = stage.page.get_by_role("link", name="Label the part of")
    hrefs = [links.nth(n).get_attribute("href") for n in range(links.count())]
    assert hrefs == ["/label?session=s0&event=0.3", "/label?session=s1&event=1.0&until=1.1"]
    stage.press("Shift+ArrowLeft", "Shift+ArrowLeft", "Escape")
    expect(stage.page.locator(".detail")).not_to_contain_text("Span")


def test_l_labels_the_event_under_the_pointer(stage: Stage) -> None:
    _show(stage, three_sessions(), view={"session": "s1"})
    stage.page.locator(".stage").focus()
    box = _box(stage.page)
    stage.page.mouse.move(box["x"] + box["width"] - 8, box["y"] + 100)
    expect(stage.page.locator(".tip")).to_contain_text("Mug 1.3")
    stage.press("l")
    assert stage.sent("go") == [{"page": "label", "query": {"session": "s1", "event": "1.3"}}]


def test_a_second_model_shows_where_the_two_differ(stage: Stage) -> None:
    other = [[0.6, 0.3, 0.1]] * 10 + [[0.1, 0.2, 0.7]] * 2
    _show(stage, three_sessions(), {"rows": {"m2": other}})
    stage.page.get_by_label("Compare with").select_option("m2")
    settled(stage)
    expect(stage.page.locator(".names")).to_contain_text("Models differ")
    stage.page.wait_for_url("**model2=m2**")
    stage.page.locator(".stage").focus()
    stage.press("End", "Shift+ArrowLeft", "Shift+ArrowLeft")
    expect(stage.page.locator(".detail")).to_contain_text("The models differ at 2 of 3 events")


def test_brackets_go_from_change_to_change(stage: Stage) -> None:
    changes = [["0.2", "browse", "search"], ["2.1", "browse", "purchase"]]
    _show(stage, three_sessions(), {"changes": changes}, view={"event": "0.0"})
    stage.page.locator(".stage").focus()
    stage.press("]", "]")
    expect(stage.page.locator(".detail")).to_contain_text("Intent changes: Browse → Purchase")
    stage.press("[")
    expect(stage.page.locator(".detail")).to_contain_text("Mug 0.2")


def test_an_address_restores_the_view_it_was_written_from(stage: Stage) -> None:
    events = three_sessions()
    _show(stage, events, view={"session": "s1", "event": "1.1"})
    for name in ("By time", "Zoom in"):
        with resting(stage):
            stage.page.get_by_role("button", name=name).click()
    before = _pixels(stage)
    address = dict(part.split("=") for part in stage.page.url.partition("?")[2].split("&"))
    stage.rerun(timeline_data(events))  # the same stamp: the view stays
    assert np.array_equal(_pixels(stage), before)
    view = {**address, "from": int(address["from"]), "to": int(address["to"])}
    with resting(stage):
        stage.rerun(timeline_data(events, stamp="2", view=view))
    difference = np.abs(_pixels(stage).astype(int) - before)  # a moment of the address is whole milliseconds
    assert difference.mean() < 0.05
    assert (difference > 24).mean() < 0.001


def _pixels(stage: Stage) -> np.ndarray:
    """[H, W, 4] uint8: what the lanes' canvas shows once it has been painted."""
    address: str = stage.page.evaluate(
        """async () => {
          await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
          return window.root.querySelector('canvas').toDataURL();
        }"""
    )
    picture = Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2])))
    return np.asarray(picture.convert("RGBA"))


def test_more_events_come_as_one_moves_and_the_view_stays_where_it_is(stage: Stage) -> None:
    events = [event(str(n), f"s{n // 5}", n * 60 + (n // 5) * DAY_S, title=f"Mug {n}") for n in range(200)]
    api = _show(stage, events, {"most": 40}, view={"event": "199"})
    stage.page.locator(".stage").focus()
    stage.press("Home")
    stage.page.wait_for_function("window.root.querySelector('.said').textContent.includes('80 of 200')")
    settled(stage)
    expect(stage.page.locator(".detail")).to_contain_text("Mug 160")
    assert api.asked[-1]["model_id"] == "m1"
    assert api.asked[-1]["events"] == 40
    assert [body.get("before") for body in api.asked if "model_id" not in body] == [None, "160"]


def test_what_cannot_be_loaded_is_said_and_tried_again(stage: Stage) -> None:
    api = TimelineApi(stage.page, three_sessions())
    api.broken = True
    stage.rerun(timeline_data(three_sessions()))
    expect(stage.page.locator(".said")).to_contain_text("Not loaded: The disk is full.")
    api.broken = False
    stage.page.get_by_role("button", name="Try again").click()
    settled(stage)
    expect(stage.page.locator(".said")).to_have_text("Model m1.")


def test_the_table_lists_what_is_in_view(stage: Stage) -> None:
    _show(stage, three_sessions(), view={"session": "s1"})
    stage.page.get_by_role("button", name="Show the events in view as a table").click()
    rows = stage.page.get_by_role("table").locator("tbody tr")
    expect(rows).to_have_count(4)
    expect(rows.first).to_contain_text("Browse 60%")
    rows.nth(2).get_by_role("button").click()
    expect(stage.page.locator(".detail")).to_contain_text("Mug 1.2")


def test_the_csv_holds_the_events_in_view_with_their_probabilities(stage: Stage) -> None:
    events = three_sessions()
    events[4] |= {"title": 'Mug, "big"', "query": "=1+1", "brand": "-5"}
    _show(stage, events, view={"session": "s1"})
    with stage.page.expect_download() as download:
        stage.page.get_by_role("button", name="Download the events in view").click()
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].endswith("labels,intent_change,p_browse,p_search,p_purchase")
    assert len(lines) == 5
    assert lines[1].startswith("1.0,2025-10-10T08:53:20.000Z,v1,s1,view")
    assert '"Mug, ""big"""' in lines[1]
    assert ",'=1+1," in lines[1], "a spreadsheet would compute it"
    assert ",-5," in lines[1]
    assert lines[1].endswith(",0.6000,0.3000,0.1000")
    assert download.value.suggested_filename == "timeline-v1-2025-10-10.csv"


@pytest.mark.alone
def test_a_hundred_times_the_events_do_not_take_a_hundred_times_as_long_to_pan(stage: Stage) -> None:
    """By ratio, since a busy machine is slow with both."""
    few, many = _median_paint_ms(stage, 50), _median_paint_ms(stage, 5000)
    assert many < 12 * max(few, 0.3), f"{many:.1f} ms a frame for 5,000 events, {few:.1f} ms for 50"


def _median_paint_ms(stage: Stage, count: int) -> float:
    """Of the painting alone, while panning over so many events."""
    events = [event(str(n), f"s{n // 9}", n * 600 + (n // 9) * DAY_S) for n in range(count)]
    TimelineApi(stage.page, events)
    stage.rerun(timeline_data(events, stamp=str(count)))
    settled(stage)
    stage.page.get_by_role("button", name="Show every event").click()
    times: list[float] = stage.page.evaluate(
        """async () => {
          const root = window.root.querySelector('.timeline'), stage = root.querySelector('.stage');
          const box = stage.getBoundingClientRect(), times = [];
          for (let n = 0; n < 40; n++) {
            const turn = {deltaX: n % 2 ? 40 : -30, deltaY: n < 3 ? -60 : 0, ctrlKey: n < 3, clientX: box.x + 300};
            stage.dispatchEvent(new WheelEvent('wheel', {...turn, bubbles: true, cancelable: true}));
            await new Promise((go) => requestAnimationFrame(() => setTimeout(go)));
            times.push(Number(root.dataset.paintMs));
          }
          return times.sort((one, two) => one - two);
        }"""
    )
    return times[len(times) // 2]
