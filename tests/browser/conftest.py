"""A fresh context for each test, and servers with and without the sample shop."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import DESKTOP, PHONE, watched_page
from tests.browser.server import Server


def stop(server: Server, browser: Browser) -> None:
    """Close every page, then end the server: a page that outlives it reports a lost connection as an error."""
    for context in list(browser.contexts):
        context.close()
    server.stop()


@pytest.fixture(scope="session")
def sample_server(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Server]:
    """A server whose sample shop, labels and model are ready; tests must not depend on each other's labels."""
    server = Server(tmp_path_factory.mktemp("sample") / "home", sample_shop=True).start()
    server.wait_for("/readyz", 180)
    yield server
    stop(server, browser)


@pytest.fixture
def empty_server(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Server]:
    """A server with an empty data folder."""
    server = Server(tmp_path_factory.mktemp("empty") / "home", sample_shop=False).start()
    yield server
    stop(server, browser)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page 1440 px wide; the test fails if its console showed an error."""
    with watched_page(browser, **DESKTOP) as page:
        yield page


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A page 390 px wide with touch; the test fails if its console showed an error."""
    with watched_page(browser, **PHONE) as page:
        yield page


@pytest.fixture
def other_page(browser: Browser) -> Iterator[Page]:
    """A second page, of somebody else."""
    with watched_page(browser, **DESKTOP) as page:
        yield page
