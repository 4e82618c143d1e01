"""The intent timeline in Chromium: choosing, jumping, zooming, and 5,000 events at the speed of the screen."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

import app.components.timeline
from app.components.timeline import SCRIPTS
from tests.app.components.conftest import Stage
from tests.app.components.records import INTENTS, TYPES, event, texts

pytestmark = pytest.mark.browser
FOLDER = Path(app.components.timeline.__file__).parent
DAY_S = 86_400


def timeline_data(events: list[dict[str, Any]], **values: Any) -> dict[str, Any]:
    known = {
        "visitor": "v1",
        "language": "en",
        "texts": texts("visitor"),
        "types": TYPES,
        "intents": INTENTS,
        "events": events,
    }
    links = {"explain": "/explain", "label": "/label"}
    chosen = {"annotations": [], "links": links, "session": None, "selected": None, "jump": 0}
    return known | chosen | {"probabilities": [[0.6, 0.3, 0.1] for _ in events]} | values


def three_sessions() -> list[dict[str, Any]]:
    return [
        event(f"{day}.{number}", f"s{day}", day * DAY_S + number * 60, title=f"Mug {day}.{number}")
        for day in range(3)
        for number in range(4)
    ]


@pytest.fixture
def stage(make_stage: Callable[..., Stage]) -> Stage:
    return make_stage(FOLDER, SCRIPTS)


def test_a_click_chooses_the_nearest_event_and_tells_the_page(stage: Stage) -> None:
    stage.rerun(timeline_data(three_sessions(), session="s1"))
    box = stage.page.locator(".stage").bounding_box()
    assert box
    stage.page.mouse.click(box["x"] + 10, box["y"] + 100)
    expect(stage.page.locator(".detail")).to_contain_text("Mug 1.0")
    stage.page.wait_for_function("window.sent.length > 0")
    assert stage.sent("chosen") == [{"event_id": "1.0", "session_id": "s1"}]


def test_arrow_keys_walk_over_events_and_into_the_next_session(stage: Stage) -> None:
    stage.rerun(timeline_data(three_sessions(), selected="1.3"))
    stage.page.locator(".stage").focus()
    stage.press("ArrowRight")
    expect(stage.page.locator(".detail")).to_contain_text("Mug 2.0")


def test_the_address_of_an_explanation_names_session_event_and_intent(stage: Stage) -> None:
    stage.rerun(timeline_data(three_sessions(), selected="1.2"))
    link = stage.page.get_by_role("link", name="Why Browse?")
    assert link.get_attribute("href") == "/explain?session=s1&event=1.2&intent=browse"
    link.click()
    query = {"session": "s1", "event": "1.2", "intent": "browse"}
    assert stage.sent("go") == [{"page": "explain", "query": query}]


def test_a_date_jumps_to_its_session(stage: Stage) -> None:
    stage.rerun(timeline_data(three_sessions()))
    stage.page.locator("input[type=date]").fill("2025-10-10")
    expect(stage.page.locator(".detail")).to_contain_text("Mug 1.0")


def test_hovering_says_what_happened_and_how_probabilities_moved(stage: Stage) -> None:
    events = three_sessions()
    rows = [[0.2, 0.7, 0.1] if row["event_id"].endswith(".1") else [0.6, 0.3, 0.1] for row in events]
    stage.rerun(timeline_data(events, probabilities=rows, session="s0"))
    box = stage.page.locator(".stage").bounding_box()
    assert box
    stage.page.mouse.move(box["x"] + box["width"] * 0.38, box["y"] + 100)
    tip = stage.page.locator(".tip")
    expect(tip).to_contain_text("Mug 0.1")
    expect(tip).to_contain_text("70%+40")


def test_it_works_without_a_model(stage: Stage) -> None:
    stage.rerun(timeline_data(three_sessions(), probabilities=None, selected="0.1"))
    expect(stage.page.locator(".legend")).to_contain_text("No probabilities yet")
    expect(stage.page.get_by_role("link", name="Label this session")).to_be_visible()


def test_events_without_a_prediction_leave_a_hole(stage: Stage) -> None:
    events = three_sessions()
    stage.rerun(timeline_data(events, probabilities=[None, *([[0.6, 0.3, 0.1]] * 11)], selected="0.0"))
    expect(stage.page.locator(".detail")).to_contain_text("Mug 0.0")
    assert stage.page.get_by_role("link", name="Why").count() == 0


def test_one_event_alone_and_an_annotation_on_it(stage: Stage) -> None:
    marks = [{"event_id": "only", "session_id": "s1", "intent": "purchase"}]
    stage.rerun(timeline_data([event("only")], annotations=marks, selected="only"))
    expect(stage.page.locator(".detail")).to_contain_text("Annotated as Purchase")


def test_data_is_shown_as_text_never_as_markup(stage: Stage) -> None:
    evil = "<img src=x onerror=\"document.title='owned'\">"
    stage.rerun(timeline_data([event("a", title=evil, brand=evil)], selected="a"))
    expect(stage.page.locator(".detail")).to_contain_text(evil)
    assert stage.page.title() != "owned"


def test_a_hundred_times_the_events_do_not_take_a_hundred_times_as_long_to_pan(stage: Stage) -> None:
    """By ratio, since a busy machine is slow with both."""
    few, many = _median_frame_ms(stage, 50), _median_frame_ms(stage, 5000)
    assert many < 10 * few, f"{many:.0f} ms a frame for 5,000 events, {few:.0f} ms for 50"


def _median_frame_ms(stage: Stage, count: int) -> float:
    """Of panning over so many events."""
    stage.rerun(timeline_data([event(str(n), f"s{n // 9}", n * 600 + (n // 9) * DAY_S) for n in range(count)]))
    stage.page.get_by_role("button", name="Show every event").click()
    frames: list[float] = stage.page.evaluate(
        """async () => {
          const stage = window.root.querySelector('.stage'), box = stage.getBoundingClientRect(), frames = [];
          for (let n = 0; n < 40; n++) {
            const turn = {deltaX: n % 2 ? 40 : -30, deltaY: n < 3 ? -60 : 0, ctrlKey: n < 3, clientX: box.x + 300};
            stage.dispatchEvent(new WheelEvent('wheel', {...turn, bubbles: true, cancelable: true}));
            const start = performance.now();
            await new Promise((go) => requestAnimationFrame(() => setTimeout(go)));
            frames.push(performance.now() - start);
          }
          return frames.sort((one, two) => one - two);
        }"""
    )
    return frames[len(frames) // 2]
