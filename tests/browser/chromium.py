"""Chromium for tests and for the README's pictures: where it is and how it is started."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 30_000
"""For what is expected and pressed; Playwright's 5 s are too short where a server and another test compute beside."""

DOWNLOAD_MS = 8_000
"""After which a button for a download is pressed again."""

expect.set_options(timeout=PATIENCE_MS)

DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def chromium_path() -> str | None:
    """The system's Chromium, else Playwright's own, else None."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


@contextmanager
def running_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        yield browser
        browser.close()


def collect_errors(page: Page) -> list[str]:
    """A list that grows with every console error and uncaught exception of the page."""
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    return errors


@contextmanager
def watched_page(browser: Browser, **settings: Any) -> Iterator[Page]:
    """A page with cookies and storage of its own; fails at its end if its console showed an error."""
    context = browser.new_context(locale="en-US", **settings)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    errors = collect_errors(page)
    yield page
    context.close()
    assert errors == []


def wait_until_settled(page: Page, timeout_s: float = 30) -> None:
    """Wait until Streamlit has stopped running the page's script."""
    page.wait_for_selector("[data-testid=stApp]", timeout=timeout_s * 1000)
    page.wait_for_function(
        "document.querySelector('[data-testid=stApp]')?.getAttribute('data-test-script-state') === 'notRunning'",
        timeout=timeout_s * 1000,
    )


def downloaded(page: Page, button: Locator, suffix: str = "", tries: int = 4) -> Path:
    """Press a button and return the file it downloads; press again, as anybody would, where a redraw took the press, or
    where the file is not yet the one that was just chosen, by the end of its name."""
    for _ in range(tries - 1):
        try:
            with page.expect_download(timeout=DOWNLOAD_MS) as download:
                button.click()
            if download.value.suggested_filename.endswith(suffix):
                return download.value.path()
        except PlaywrightTimeoutError:
            pass
        wait_until_settled(page)
    with page.expect_download() as download:
        button.click()
    assert download.value.suggested_filename.endswith(suffix)
    return download.value.path()
