"""The API's documentation, read in a browser without any other host."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from app.context import close_context, start_context
from core.settings import Settings
from tests.app.api.serving import serving
from tests.browser.chromium import PHONE, watched_page


@pytest.fixture
def url(settings: Settings) -> Iterator[str]:
    app_context = start_context(settings)
    app_context.starter.wait(60)
    with serving(app_context) as server:
        yield server.url
    close_context()


@pytest.mark.browser
def test_the_documentation_is_read_filtered_and_linked(browser: Browser, url: str) -> None:
    with watched_page(browser, **PHONE) as page:
        foreign: list[str] = []
        page.on("request", lambda asked: None if asked.url.startswith((url, "data:")) else foreign.append(asked.url))
        page.goto(f"{url}/v1/docs?lang=zh#askIntent")
        operation = page.locator("#askIntent")
        expect(operation).to_have_attribute("open", "")
        expect(operation.locator("pre").first).to_contain_text(f"curl -X POST '{url}/v1/intent'")
        expect(operation).to_contain_text("热力图")
        names = operation.locator("tbody td:first-child code")
        heights = names.evaluate_all("codes => codes.map(code => code.offsetHeight)")
        assert max(heights) < 50, "a name stands in one line, or two where it is long"
        page.get_by_role("searchbox").fill("webhooks/{webhook_id}/test")
        expect(page.locator("details.operation:visible")).to_have_count(1)
        page.get_by_role("searchbox").fill("no such thing")
        expect(page.locator("#nothing")).to_be_visible()
        page.get_by_role("button", name="English").click()
        expect(page.locator("#streamIntents summary")).to_contain_text("server-sent events")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert foreign == []
