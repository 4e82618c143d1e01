"""Explain, why does it think so: a wrong label behind the answer is corrected where it is seen, and taken back."""

import re

from playwright.sync_api import Page, expect

from tests.browser.chromium import wait_until_settled
from tests.browser.server import Server

SESSION, MISLABELLED = "v00784-3", "v00086-2"
DRAWN_MS = 60_000


def test_a_label_behind_the_answer_is_corrected_and_taken_back(page: Page, sample_server: Server) -> None:
    page.goto(f"{sample_server.url}/explain?session={SESSION}&intent=support&annotator=Ana&lessons=1")
    correct = page.get_by_role("button", name="It is Browse")
    expect(correct).to_be_visible(timeout=DRAWN_MS)
    wait_until_settled(page)
    expect(page.get_by_text("Spoke against Support")).to_be_visible()
    expect(page.get_by_text("Out of 250 labelled sessions and events.")).to_be_visible()
    correct.click()
    undo = page.get_by_role("button", name=f"Undo: {MISLABELLED}")
    expect(undo).to_be_visible(timeout=DRAWN_MS)
    expect(page.get_by_text("labelled by Ana · the model learned: Support")).to_be_visible()
    wait_until_settled(page)
    undo.click()
    expect(correct).to_be_visible(timeout=DRAWN_MS)
    expect(undo).to_have_count(0, timeout=DRAWN_MS)
    wait_until_settled(page)
    page.locator("[data-testid='stPageLink']", has_text="Timeline").last.click()
    page.wait_for_url(re.compile(rf"/visitor\?.*session={MISLABELLED}"), timeout=DRAWN_MS)
