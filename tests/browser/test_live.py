"""The Live page: a replay brings visitors whose intents change, one opens its timeline, and the replay is removed."""

import re

from playwright.sync_api import Page, expect

from tests.browser.chromium import wait_until_settled
from tests.browser.server import Server

APPEAR_MS = 45_000
"""The model may still be on its way into memory, and the first events of a replay wait for it."""


def _open(page: Page, server: Server, query: str = "") -> None:
    page.goto(f"{server.url}/live{query}")
    wait_until_settled(page)


def _press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    wait_until_settled(page)


def test_a_replay_fills_the_page_and_is_removed(page: Page, sample_server: Server) -> None:
    _open(page, sample_server)
    expect(page.get_by_text("Send your shop's events here")).to_be_visible()
    _press(page, "Start the replay")
    rows = page.get_by_role("listitem").filter(has_text="replay-")
    expect(rows.nth(3)).to_be_visible(timeout=APPEAR_MS)
    expect(rows.first).to_contain_text(re.compile("Browse|Search|Compare|Purchase|Deal|Support|Other"))
    expect(page.locator("[data-part=flow] .change").first).to_be_visible(timeout=APPEAR_MS)
    expect(page.get_by_text(re.compile(r"^Replay at 600×: [\d,]+ of 67,941 events"))).to_be_visible()

    _press(page, "Stop the replay")
    expect(page.get_by_role("button", name="Remove replayed events", exact=True)).to_be_visible(timeout=APPEAR_MS)
    expect(page.get_by_text("was stopped after")).to_be_visible()

    page.get_by_role("searchbox").fill("no such visitor")
    expect(page.get_by_text("No visitor matches")).to_be_visible()
    page.get_by_role("searchbox").fill("REPLAY-")
    expect(page).to_have_url(re.compile("search=REPLAY-"), timeout=APPEAR_MS)
    expect(rows.first).to_be_visible()
    rows.first.get_by_role("link").focus()
    page.keyboard.press("ArrowDown")
    opened = rows.nth(1).get_by_role("link")
    expect(opened).to_be_focused()
    visitor = (opened.get_attribute("href") or "").partition("visitor=")[2]
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/visitor\\?visitor={visitor}"), timeout=APPEAR_MS)
    expect(page.get_by_role("application", name=re.compile("Intent timeline"))).to_be_visible(timeout=APPEAR_MS)

    _open(page, sample_server)
    _press(page, "Remove replayed events")
    page.get_by_role("dialog").get_by_role("button", name="Remove them").click()
    expect(page.get_by_role("button", name="Remove replayed events", exact=True)).to_have_count(0, timeout=APPEAR_MS)
    expect(rows).to_have_count(0, timeout=APPEAR_MS)


def test_a_shop_without_events_is_told_how_to_send_them(page: Page, empty_server: Server) -> None:
    _open(page, empty_server)
    expect(page.get_by_text(f"curl {empty_server.url}/v1/track")).to_be_visible()
    expect(page.get_by_text("No model can say intents yet")).to_be_visible()
    expect(page.get_by_role("button", name="Start the replay", exact=True)).to_be_enabled()
