"""Labeling on the real server: fast keys, and fingers on a phone."""

import re

from playwright.sync_api import Page, expect

from tests.browser.chromium import wait_until_settled
from tests.browser.server import Server

PRESSES = 100
GAP_MS = 20
WAIT_MS = 30_000
"""On a machine that does much else, too."""
COUNT_PRESSES = """() => {
  window.met = 0;
  const roots = () => [...document.querySelectorAll('*')].map((node) => node.shadowRoot).filter(Boolean);
  const root = roots().find((each) => each.querySelector('.labeler'));
  window.addEventListener('keydown', () => { if (root.querySelector('.rows')) window.met += 1; }, true);
}"""


def _open(page: Page, server: Server, annotator: str) -> None:
    page.set_default_timeout(60_000)
    page.goto(f"{server.url}/label?annotator={annotator}")
    wait_until_settled(page)
    expect(page.locator(".labeler .rows")).to_be_visible(timeout=WAIT_MS)


def _labelled(page: Page) -> int:
    return int(page.locator(".done b").inner_text().replace(",", ""))


def test_every_fast_press_on_a_session_labels_it_once(sample_server: Server, page: Page) -> None:
    _open(page, sample_server, "fast")
    page.evaluate(COUNT_PRESSES)
    for number in range(PRESSES):
        page.keyboard.press(str(1 + number % 7))
        page.wait_for_timeout(GAP_MS)
    expect(page.locator(".state")).to_have_attribute("data-state", "saved", timeout=WAIT_MS)
    met = page.evaluate("window.met")
    assert met > 0
    _open(page, sample_server, "fast")
    assert _labelled(page) == met


def test_a_finger_labels_marks_a_doubt_and_takes_it_back(sample_server: Server, phone: Page) -> None:
    _open(phone, sample_server, "finger")
    phone.locator(".move[data-action=unsure]").tap()
    phone.get_by_label("Note").fill("looks like two visitors")
    phone.locator(".intent[data-intent=search]").tap()
    expect(phone.locator(".state")).to_have_attribute("data-state", "saved", timeout=WAIT_MS)
    expect(phone.locator(".done")).to_contain_text("1 session labelled")
    phone.locator(".move[data-action=previous]").tap()
    expect(phone.locator("[data-given=session]")).to_contain_text("Search ? ✎")
    phone.locator(".move[data-action=undo]").tap()
    expect(phone.locator(".done")).to_contain_text("0 sessions labelled", timeout=WAIT_MS)


def test_a_tap_on_two_rows_labels_the_span_between(sample_server: Server, phone: Page) -> None:
    _open(phone, sample_server, "span")
    phone.locator(".step").nth(0).tap()
    phone.locator(".move[data-action=extend_down]").tap()
    expect(phone.locator(".row.span")).to_have_count(2)
    phone.locator(".intent[data-intent=browse]").tap()
    expect(phone.locator(".row .label")).to_have_count(2)
    expect(phone.locator(".state")).to_have_attribute("data-state", "saved", timeout=WAIT_MS)


def test_after_choosing_a_queue_the_keys_mean_labels_again(sample_server: Server, page: Page) -> None:
    _open(page, sample_server, "chooser")
    for choice in ("From SQL", "Newly different"):
        page.get_by_test_id("stSidebar").get_by_role("combobox").first.click()
        page.get_by_role("option", name=choice).click()
        expect(page).to_have_url(re.compile("queue="))
        wait_until_settled(page)
    expect(page).to_have_url(re.compile("queue=drifted"))
    expect(page.locator(".done")).to_have_count(1, timeout=WAIT_MS)  # the queue before is gone
    expect(page.locator(".labeler .rows")).to_be_visible(timeout=WAIT_MS)
    page.keyboard.press("1")
    expect(page.locator(".done").last).to_contain_text("1 session labelled", timeout=WAIT_MS)
