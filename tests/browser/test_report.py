"""One click on the Explain page makes the session's story a file that opens anywhere."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.chromium import wait_until_settled
from tests.browser.server import Server
from tests.browser.test_what_if import DRAWN_MS, SESSION


def _downloaded(page: Page, button: str) -> Path:
    with page.expect_download(timeout=90_000) as told:
        page.get_by_role("button", name=button).click()
    return told.value.path()


def test_the_report_is_downloaded_and_read_without_the_app(page: Page, sample_server: Server, tmp_path: Path) -> None:
    page.goto(f"{sample_server.url}/explain?session={SESSION}&intent=purchase")
    expect(page.get_by_role("grid")).to_have_count(1, timeout=DRAWN_MS)
    wait_until_settled(page)
    report = tmp_path / "report.html"
    report.write_bytes(_downloaded(page, "Report (HTML)").read_bytes())
    assert _downloaded(page, "Report (PDF)").read_bytes().startswith(b"%PDF-")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    expect(page.get_by_role("heading", name="The story of a session")).to_be_visible()
    expect(page.get_by_role("img", name="Probability of each intent")).to_be_visible()
    expect(page.locator("#events tbody tr")).to_have_count(27)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert asked == [report.as_uri()]
