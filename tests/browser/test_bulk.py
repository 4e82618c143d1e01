"""The Map page on the sample shop: many sessions by likeness and by lasso, labelled at once, and taken back."""

import re

from playwright.sync_api import Page, expect

from tests.browser.chromium import wait_until_settled
from tests.browser.server import Server

DRAWN_MS = 200_000
"""The map is made when it is first opened, and sessions are scored before."""


def _label_and_undo(page: Page) -> None:
    expect(page.get_by_text(re.compile(r"^[\d,]+ sessions chosen$"))).to_be_visible(timeout=DRAWN_MS)
    wait_until_settled(page)
    page.get_by_test_id("stButton").get_by_role("button", name=re.compile("^Compare")).click()  # not the legend's
    label = page.get_by_role("button", name=re.compile(r"Label [\d,]+ sessions as Compare"))
    expect(label).to_be_visible(timeout=DRAWN_MS)
    count = re.search(r"Label ([\d,]+) sessions", label.inner_text())
    assert count is not None
    wait_until_settled(page)
    label.click()
    expect(page.get_by_text(f"{count[1]} sessions labelled as Compare.").first).to_be_visible(timeout=DRAWN_MS)
    wait_until_settled(page)
    page.get_by_role("button", name=f"Undo {count[1]} labels").first.click()
    expect(page.get_by_text(f"{count[1]} labels Compare taken back.").first).to_be_visible(timeout=DRAWN_MS)


def test_sessions_like_one_are_labelled_at_once_and_taken_back(page: Page, sample_server: Server) -> None:
    page.goto(f"{sample_server.url}/bulk?annotator=bulk&like=v00464-3&least_like=40")
    wait_until_settled(page, 60)
    _label_and_undo(page)


def test_the_filter_of_the_sessions_page_is_taken_along(page: Page, sample_server: Server) -> None:
    page.goto(f"{sample_server.url}/sessions?bought=yes")
    wait_until_settled(page, 60)
    page.get_by_text("Label all of these at once").click()
    page.wait_for_url("**/bulk?*")
    expect(page.get_by_text(re.compile(r"^[\d,]+ sessions chosen$"))).to_be_visible(timeout=DRAWN_MS)
    wait_until_settled(page)
    assert "bought=yes" in page.url


def test_a_lasso_on_the_map_chooses_what_it_surrounds(page: Page, sample_server: Server) -> None:
    page.goto(f"{sample_server.url}/bulk?annotator=lasso")
    canvas = page.locator("[data-part=canvas]")
    expect(canvas).to_be_visible(timeout=DRAWN_MS)
    wait_until_settled(page)
    box = canvas.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y - 120)
    page.mouse.down()
    for right, down in ((120, 0), (0, 120), (-120, 0), (0, -120)):
        page.mouse.move(x + right, y + down, steps=4)
    page.mouse.up()
    _label_and_undo(page)


def test_the_map_is_used_by_touch_on_a_phone(phone: Page, sample_server: Server) -> None:
    phone.goto(f"{sample_server.url}/bulk?annotator=phone&color=said")
    expect(phone.locator("[data-part=canvas]")).to_be_visible(timeout=DRAWN_MS)
    wait_until_settled(phone)
    phone.get_by_role("button", name="Take all visible").tap()
    expect(phone.get_by_text("sessions chosen")).to_be_visible(timeout=DRAWN_MS)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
