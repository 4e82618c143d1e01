"""Explain and What if: arrow keys, one intent against another, words, edits that move the bars, the smallest change."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import wait_until_settled
from tests.browser.server import Server

SESSION = "v00464-3"
DRAWN_MS = 40_000


def _open(page: Page, server: Server, address: str) -> None:
    page.goto(server.url + address)
    wait_until_settled(page)


def _bar(page: Page, intent: str) -> Locator:
    return page.locator(f".pair[data-intent='{intent}'] .said")


def _first(page: Page) -> str:
    return page.locator(".pair.wins .name").first.inner_text()


def test_the_heatmap_is_read_by_keys_and_leads_inside(page: Page, sample_server: Server) -> None:
    _open(page, sample_server, f"/explain?session={SESSION}&intent=purchase&against=compare")
    expect(page.get_by_text("Purchase rather than Compare").first).to_be_visible(timeout=DRAWN_MS)
    expect(page.get_by_role("grid")).to_have_count(1)
    cell = page.locator(".cell[tabindex='0']")
    before = cell.get_attribute("data-f")
    cell.focus()
    page.keyboard.press("Home")
    expect(page.locator(".cell[tabindex='0']")).to_have_attribute("data-f", "0")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".cell[tabindex='0']")).to_have_attribute("data-f", "1")
    assert before is not None
    row = page.locator("tr", has=page.locator("th", has_text="Into the cart")).first
    row.locator(".cell").nth(1).focus()
    page.keyboard.press("Enter")
    wait_until_settled(page)
    expect(page.locator(".words .w").first).to_be_visible(timeout=DRAWN_MS)
    expect(page.get_by_text("With all words hidden")).to_be_visible(timeout=DRAWN_MS)
    expect(page.locator(".stPlotlyChart")).to_be_visible(timeout=DRAWN_MS)
    assert "look=" in page.url
    assert "against=compare" in page.url
    wait_until_settled(page)
    page.get_by_role("button", name="Open in the timeline").click()
    page.wait_for_url(re.compile(r"/visitor\?.*event="), timeout=DRAWN_MS)


def test_an_edit_moves_the_bars_and_can_be_undone_and_linked(page: Page, sample_server: Server) -> None:
    _open(page, sample_server, f"/what_if?session={SESSION}")
    expect(_bar(page, "purchase")).to_be_visible(timeout=DRAWN_MS)
    unedited = _bar(page, "purchase").inner_text()
    page.locator(".row[data-event]").last.get_by_role("button", name="Remove").click()
    expect(_bar(page, "purchase")).not_to_have_text(unedited, timeout=DRAWN_MS)
    expect(page.get_by_text("1 edit", exact=True)).to_be_visible()
    wait_until_settled(page)
    edited = _bar(page, "purchase").inner_text()
    linked = page.url
    assert "edits=" in linked
    page.get_by_role("button", name="Undo").click()
    expect(_bar(page, "purchase")).to_have_text(unedited, timeout=DRAWN_MS)
    wait_until_settled(page)
    page.goto(linked)
    wait_until_settled(page)
    expect(_bar(page, "purchase")).to_have_text(edited, timeout=DRAWN_MS)
    expect(page.locator(".row.removed")).to_have_count(1)


def test_the_smallest_change_is_found_and_loaded_into_the_editor(page: Page, sample_server: Server) -> None:
    _open(page, sample_server, f"/what_if?session={SESSION}")
    expect(_bar(page, "purchase")).to_be_visible(timeout=DRAWN_MS)
    was = _first(page)
    page.get_by_role("button", name="Find the smallest change").click()
    expect(page.get_by_text(re.compile("flips? it:"))).to_be_visible(timeout=DRAWN_MS)
    wait_until_settled(page)
    page.get_by_role("button", name="Load it into the editor").click()
    expect(page.locator(".row.changed, .row.removed").first).to_be_visible(timeout=DRAWN_MS)
    wait_until_settled(page)
    assert _first(page) != was
    assert "edits=" in page.url


def test_what_cannot_be_is_said_on_a_phone_too(phone: Page, sample_server: Server) -> None:
    edits = '[["r","nothing"]]'
    _open(phone, sample_server, f"/what_if?session={SESSION}&edits={edits}")
    expect(phone.get_by_text("'nothing' is not in the session")).to_be_visible(timeout=DRAWN_MS)
    phone.get_by_role("button", name="Reset").click()
    expect(phone.get_by_text("'nothing' is not in the session")).to_be_hidden(timeout=DRAWN_MS)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
