"""The Rules page: starter rules, an edit with a live preview and a bad part named, undo, votes, weak labels."""

import re

from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.browser.chromium import downloaded, wait_until_settled
from tests.browser.server import Server

DRAWN_MS = 30_000
"""Votes are counted after the page's own words are there."""


def _open(page: Page, server: Server, query: str = "") -> None:
    page.goto(f"{server.url}/rules{query}")
    wait_until_settled(page)


def _press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    wait_until_settled(page)


def _undo(page: Page) -> None:
    _press(page, "Undo")
    expect(page.get_by_role("button", name="Undo", exact=True)).to_have_count(0, timeout=DRAWN_MS)
    wait_until_settled(page)


def test_rules_from_nothing_to_weak_labels(page: Page, sample_server: Server) -> None:
    _open(page, sample_server)
    expect(page.get_by_role("heading", name="No rules yet")).to_be_visible(timeout=DRAWN_MS)
    _press(page, "Add the starter rules")
    expect(page.get_by_text("12 rules added.")).to_be_visible(timeout=DRAWN_MS)
    expect(page.get_by_text("majority vote")).to_be_visible(timeout=DRAWN_MS)

    _open(page, sample_server, "?rule=starter-help")
    expect(page.get_by_text("Fires on")).to_contain_text("of 8,000 sessions", timeout=DRAWN_MS)
    wait_until_settled(page)
    page.get_by_role("radio", name="Python").or_(page.get_by_role("button", name="Python")).first.click()
    text = page.get_by_role("textbox", name="Expression")
    expect(text).to_be_visible(timeout=DRAWN_MS)
    text.fill("count('massage') > 0")
    text.press("Control+Enter")
    expect(page.get_by_test_id("stAlertContentError")).to_contain_text(
        "'massage' is no type of event", timeout=DRAWN_MS
    )
    text.fill("count('message') > 2")
    text.press("Control+Enter")
    expect(page.get_by_test_id("stAlertContentError")).to_have_count(0, timeout=DRAWN_MS)
    _press(page, "Save")
    expect(page.get_by_text("is saved.")).to_be_visible(timeout=DRAWN_MS)
    _undo(page)
    _open(page, sample_server, "?rule=starter-help")
    expect(page.get_by_role("textbox", name="words, with commas")).to_have_value(re.compile("refund"), timeout=DRAWN_MS)

    _press(page, "Delete")
    expect(page.get_by_text("is deleted.")).to_be_visible(timeout=DRAWN_MS)
    _undo(page)
    votes = downloaded(page, page.get_by_role("button", name="Download votes"))
    head = votes.read_text(encoding="utf-8").splitlines()[0]
    assert head.startswith("session_id,intent,probability,starter-checkout")
    assert "starter-help" in head

    _press(page, "Use as training labels")
    expect(page.get_by_text("Version 1 is in use")).to_be_visible(timeout=DRAWN_MS)
    _press(page, "Use none")
    expect(page.get_by_text("No weak labels are in use.")).to_be_visible(timeout=DRAWN_MS)


def _vote_for(page: Page, intent: str) -> None:
    """A run of the page closes an open list, so it is opened again if need be."""
    for tries_left in (3, 2, 1, 0):
        page.get_by_test_id("stMain").get_by_role("combobox", name="Votes for").click()
        try:
            page.get_by_role("option", name=intent).click(timeout=4000)
            break
        except PlaywrightTimeoutError:
            if not tries_left:
                raise
    wait_until_settled(page)


def test_a_rule_by_meaning_is_read_judged_and_saved(page: Page, sample_server: Server) -> None:
    _open(page, sample_server)
    _press(page, "Build a rule")
    _vote_for(page, "Support")
    name = page.get_by_role("textbox", name="Name")
    name.fill("Asks about an order")
    name.press("Enter")
    page.wait_for_timeout(500)  # until the browser has asked for a run of the page
    wait_until_settled(page)
    page.get_by_role("radio", name="Meaning of texts").or_(
        page.get_by_role("button", name="Meaning of texts")
    ).first.click()
    sentences = page.get_by_role("textbox", name="Sentences that stand for the intent")
    expect(sentences).to_be_visible(timeout=DRAWN_MS)
    wait_until_settled(page)
    sentences.fill("where is my order\n我的快递到哪了")
    sentences.press("Control+Enter")
    expect(page.get_by_text("The closest texts")).to_be_visible(timeout=DRAWN_MS)
    expect(page.get_by_text("No text speaks for it")).to_have_count(0, timeout=DRAWN_MS)
    expect(page.get_by_text("by chance it would be on")).to_be_visible(timeout=DRAWN_MS)
    wait_until_settled(page)
    _press(page, "Save")
    expect(page.get_by_text("“Asks about an order” is saved.")).to_be_visible(timeout=DRAWN_MS)
    page.reload()
    wait_until_settled(page)
    expect(sentences).to_have_value("where is my order\n我的快递到哪了", timeout=DRAWN_MS)
    _press(page, "Delete")
    expect(page.get_by_text("is deleted.")).to_be_visible(timeout=DRAWN_MS)


def test_an_example_opens_its_visitor_on_a_phone(phone: Page, sample_server: Server) -> None:
    _open(phone, sample_server, "?lang=en")
    phone.get_by_role("button", name="Build a rule").click()
    expect(phone.get_by_text("Fires on")).to_be_visible(timeout=DRAWN_MS)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.locator("[data-testid=stPageLink-NavLink]", has_text="events").first.click()
    phone.wait_for_url("**/visitor?visitor=**session=**")
