"""A dialog or popover stays open, with its choices, when the first start's scoring ends behind it."""

import time
from collections.abc import Iterator

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import wait_until_settled
from tests.browser.conftest import stop
from tests.browser.server import Server

READY_MS = 90_000


@pytest.fixture
def scoring(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[tuple[Server, psutil.Process]]:
    """A server that is still at its first scoring, and that job, held until the test lets it go on."""
    server = Server(tmp_path_factory.mktemp("scoring") / "home", sample_shop=True).start()
    job = _job(server)
    job.suspend()
    yield server, job
    if job.is_running():
        job.resume()
    stop(server, browser)


def _job(server: Server) -> psutil.Process:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        found = [each for each in psutil.Process(server.process_id).children() if "core.jobs.worker" in each.cmdline()]
        if found:
            return found[0]
        time.sleep(0.05)
    raise TimeoutError("The first scoring did not start.")


@pytest.mark.timeout(240)
def test_the_end_of_the_first_scoring_closes_nothing_that_is_open(
    page: Page, other_page: Page, scoring: tuple[Server, psutil.Process]
) -> None:
    server, job = scoring
    for opened in (page, other_page):
        opened.goto(f"{server.url}/label?annotator=holder")
        wait_until_settled(opened)
        expect(opened.get_by_text("Reading intents of all sessions")).to_be_visible()
    page.get_by_role("button", name="Download labels").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").click()
    page.get_by_role("option", name="CSV").click()
    chosen = dialog.get_by_text("Our own lines for spreadsheets.")
    expect(chosen).to_be_visible()
    other_page.get_by_test_id("stSidebar").get_by_test_id("stPopover").get_by_role("button").click()
    share = other_page.get_by_role("spinbutton", name="Annotators a session")
    share.fill("3")

    job.resume()
    for opened in (page, other_page):
        expect(opened.get_by_text("Reading intents of all sessions")).to_have_count(0, timeout=READY_MS)
    page.wait_for_timeout(1200)  # there is nothing to wait for: a redraw would have come within a second
    expect(chosen).to_be_visible()
    expect(share).to_have_value("3")

    for opened in (page, other_page):
        opened.keyboard.press("Escape")
        expect(opened.locator("[data-waits-for-rest]")).to_have_count(0)
