"""Every page of the sample shop opens without a console error, wide and narrow, in both languages."""

import pytest
from playwright.sync_api import Page, expect

from app.i18n import catalogue
from app.navigation import PAGES
from tests.browser.chromium import downloaded, wait_until_settled
from tests.browser.server import Server

QUERIES = {
    "visitor": "?visitor=v00464",
    "label": "?annotator=pages",
    "explain": "?session=v00464-3",
    "what_if": "?session=v00464-3",
}


def _open(page: Page, server: Server, url: str, language: str) -> None:
    query = QUERIES.get(url, "")
    page.goto(f"{server.url}/{url}{query}{'&' if query else '?'}lang={language}")
    wait_until_settled(page)


@pytest.mark.parametrize("url", [page.url for page in PAGES])
def test_a_page_opens(url: str, page: Page, sample_server: Server) -> None:
    _open(page, sample_server, url, "en")
    expect(page.get_by_role("heading", level=1)).to_have_text(catalogue("en")[f"{url}.title"])
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_test_id("stAlertContentError")).to_have_count(0)
    expect(page.get_by_role("gridcell", name="None", exact=True)).to_have_count(0)


@pytest.mark.parametrize("url", [page.url for page in PAGES])
def test_a_page_fits_a_phone_in_chinese(url: str, phone: Page, sample_server: Server) -> None:
    _open(phone, sample_server, url, "zh")
    expect(phone.get_by_role("heading", level=1)).to_have_text(catalogue("zh")[f"{url}.title"])
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_filters_of_the_sessions_page_are_in_the_address(page: Page, sample_server: Server) -> None:
    page.goto(f"{sample_server.url}/sessions?bought=yes&least=5")
    wait_until_settled(page)
    expect(page.get_by_text("of 8,000 sessions")).to_have_count(0)
    expect(page.get_by_label("Events at least")).to_have_value("5")


def test_a_table_is_downloaded(page: Page, sample_server: Server) -> None:
    page.goto(f"{sample_server.url}/overview")
    wait_until_settled(page)
    table = downloaded(page, page.get_by_role("button", name="Download CSV").first)
    assert "events" in table.read_text(encoding="utf-8").splitlines()[0]
