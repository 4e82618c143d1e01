"""@segment/analytics-node in Node and analytics.js in Chromium, on a shop page of another origin, as they are.

They are no Python packages: `npm install --prefix tests/clients/npm` brings them, and without that this is skipped.
`test_documented_payloads.py` holds the shapes they send in any case.
"""

import functools
import http.server
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from core.collect.write_keys import create_write_key
from core.store.person_queries import person_visitors
from tests.browser.chromium import watched_page
from tests.clients.conftest import Collector

NPM = Path(__file__).parent / "npm"
PACKAGES = NPM / "node_modules" / "@segment"

pytestmark = pytest.mark.skipif(
    not PACKAGES.is_dir() or shutil.which("node") is None, reason="run: npm install --prefix tests/clients/npm"
)


class _Shop(http.server.SimpleHTTPRequestHandler):
    """The demo shop's page and the library's files."""

    def translate_path(self, path: str) -> str:
        path = path.partition("?")[0]
        if path.startswith("/umd/"):
            return str(PACKAGES / "analytics-next" / "dist" / "umd" / Path(path).name)
        return str(NPM / "shop.html")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def shop() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Shop))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_every_call_of_the_node_library_arrives_once(collector: Collector) -> None:
    _, secret = create_write_key(collector.app_context.settings.home, "node", now=collector.app_context.clock())
    command = ["node", str(NPM / "shop.js"), collector.url, secret]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    events = collector.wait_for_events(106)
    assert set(events["source"]) == {"node"}
    assert (events["event_name"] == "Product Viewed").sum() == 100
    events = events[events["event_name"] != "Product Viewed"].set_index("event_name")
    assert events.loc["Product Added", ["event_type", "item_id", "price"]].tolist() == ["add_to_cart", "sku-7", 39.5]
    assert sorted(events.index) == ["Product Added", "alias", "group", "identify", "page", "screen"]
    assert person_visitors(collector.app_context.warehouse, "ada") == ["ada", "anonymous-1", "older-ada"]


@pytest.mark.browser
def test_a_shop_page_with_analytics_js_is_followed_from_anonymous_to_user(
    collector: Collector, shop: str, browser: Browser
) -> None:
    _, secret = create_write_key(collector.app_context.settings.home, "web", now=collector.app_context.clock())
    with watched_page(browser) as page:
        page.goto(f"{shop}/shop.html#host={collector.url.removeprefix('http://')}&key={secret}")
        pause = page.wait_for_timeout  # the browser's own messages go on meanwhile
        collector.wait_for_events(1, pause=pause)
        page.get_by_role("button", name="Add to cart").click()
        collector.wait_for_events(2, pause=pause)
        page.get_by_role("button", name="Sign in").click()
        collector.wait_for_events(3, pause=pause)
        page.get_by_role("link", name="Next page").click()
        events = collector.wait_for_events(4, pause=pause)
    assert set(events["source"]) == {"web"}
    assert events["visitor_id"].nunique() == 1
    assert sorted(events["event_type"]) == ["add_to_cart", "other", "page", "page"]
    assert events["session_id"].nunique() == 1
    assert person_visitors(collector.app_context.warehouse, "ada") == sorted(["ada", events["visitor_id"][0]])
