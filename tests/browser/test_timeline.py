"""The Visitor page's timeline in a real server: two models that nobody has scored with, links, labels, downloads."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.client import IntentLens
from tests.browser.chromium import wait_until_settled
from tests.browser.conftest import stop
from tests.browser.server import Server
from tests.browser.timeline_home import SECOND_MODEL, make_timeline_home

HUGE = 12_000


@pytest.fixture(scope="module")
def timeline_server(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser, sample_server: Server
) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("timeline") / "home"
    model = sample_server.home / "models" / "sample-finetuned"
    make_timeline_home(home, model, {"few": 40, "huge": HUGE, "laptop": 30, "phone": 20})
    server = Server(home, sample_shop=False).start()
    yield server
    stop(server, browser)


def _open(page: Page, server: Server, query: str) -> None:
    page.goto(f"{server.url}/visitor?{query}")
    _loaded(page)


def _loaded(page: Page) -> None:
    """Events and probabilities are there, and the view rests; a model may have to be loaded first."""
    page.locator(".timeline:not([data-busy])[data-rested]").wait_for(timeout=150_000)
    wait_until_settled(page)


def test_a_brushed_span_becomes_labels_of_its_events_that_the_timeline_shows(
    page: Page, timeline_server: Server
) -> None:
    page.goto(f"{timeline_server.url}/label?annotator=ana")
    wait_until_settled(page)
    _open(page, timeline_server, "visitor=few&event=few.9&annotator=ana")
    page.locator(".stage").focus()
    for key in ("Shift+ArrowRight", "Shift+ArrowRight", "l"):
        page.keyboard.press(key)
    page.wait_for_url("**/label?**")
    wait_until_settled(page)
    name = page.get_by_label("Your name")
    if name.count():
        name.fill("ana")
        page.get_by_role("button", name="Start labelling").click()
    expect(page.locator(".row.span")).to_have_count(3)
    with page.expect_response("**/v1/labels") as answer:
        page.keyboard.press("5")
    assert len(answer.value.json()["acknowledged"]) == 3
    _open(page, timeline_server, "visitor=few&event=few.10")
    expect(page.locator(".detail")).to_contain_text("Event labelled Deal by ana")


def test_a_link_opens_the_view_with_both_models_as_it_was(
    page: Page, other_page: Page, timeline_server: Server
) -> None:
    _open(page, timeline_server, "visitor=few")
    page.get_by_label("Compare with").select_option(SECOND_MODEL)
    _loaded(page)
    page.get_by_role("button", name="By time").click()
    page.locator(".stage").focus()
    for key in ("PageUp", "w", "ArrowRight"):
        page.keyboard.press(key)
    page.wait_for_url(re.compile(r"(?=.*scale=time)(?=.*model2=second).*event=few\.\d+"))
    page.get_by_role("button", name="Copy the address").click()
    expect(page.locator(".tools")).to_contain_text("Link copied")
    address = page.url
    other_page.goto(address)
    _loaded(other_page)
    detail = page.locator(".detail").inner_text()
    expect(other_page.locator(".detail")).to_have_text(detail, use_inner_text=True)
    assert _frame(other_page) == pytest.approx(_frame(page), abs=0.01)
    expect(other_page.locator(".names")).to_contain_text(SECOND_MODEL)
    with other_page.expect_download() as picture:
        other_page.get_by_role("button", name="Download the picture").click()
    assert picture.value.path().read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert _png_width(picture.value.path()) > 1600  # twice the lanes' width
    with other_page.expect_download() as table:
        other_page.get_by_role("button", name="Download the events in view").click()
    assert "p2_deal" in table.value.path().read_text(encoding="utf-8-sig").splitlines()[0]


def test_a_visitor_of_many_events_opens_at_any_date(page: Page, timeline_server: Server) -> None:
    _open(page, timeline_server, "visitor=huge")
    expect(page.locator(".said")).to_contain_text(f"of {HUGE:,} events are loaded")
    page.locator("input[type=date]").fill("2024-05-02")
    expect(page.locator(".detail")).to_contain_text("May")
    _loaded(page)
    expect(page.locator(".shares")).to_contain_text("%")
    expect(page.locator(".years")).to_contain_text("2024-03-01")


def test_the_visitors_of_a_person_are_one_timeline_that_any_of_their_ids_opens(
    page: Page, timeline_server: Server
) -> None:
    with IntentLens(timeline_server.url) as shop:
        for visitor in ("laptop", "phone"):
            shop.identify("ada", visitor_id=visitor)
        assert {one.visitor_id for one in shop.person("phone")} == {"ada", "laptop", "phone"}
    _open(page, timeline_server, "visitor=phone")
    expect(page.get_by_role("button", name="A laptop")).to_be_visible()
    page.get_by_role("button", name="Show every event").click()
    page.get_by_role("button", name="Show the events in view as a table").click()
    rows = page.locator(".listing tbody tr")
    expect(rows).to_have_count(52)  # both visitors' events, and the two messages that linked them
    expect(rows.filter(has_text="A laptop")).to_have_count(31)
    page.get_by_role("radio", name="This visitor only").click()
    page.wait_for_url(re.compile("person=0"))
    _loaded(page)
    expect(rows).to_have_count(21)
    _open(page, timeline_server, "visitor=ada")
    expect(page.get_by_role("button", name="B phone")).to_be_visible()


def _frame(page: Page) -> list[float]:
    """Where the part in view lies in all that is loaded, in percent: left and width."""
    frame: list[float] = page.locator(".window").evaluate("({style}) => [style.left, style.width].map(parseFloat)")
    return frame


def _png_width(path: Path) -> int:
    return int.from_bytes(path.read_bytes()[16:20], "big")
