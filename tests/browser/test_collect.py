"""The Collect page: a key shown once, the first event turns it green, a refusal is told, revoking is undone; what was
set aside is downloaded and stored again."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from core.settings import Settings
from core.store.warehouse import Warehouse
from tests.app.api.messages import viewed
from tests.browser.chromium import downloaded, wait_until_settled
from tests.browser.conftest import stop
from tests.browser.server import Server
from tests.core.store.test_set_aside import post_and_set_aside

DRAWN_MS = 30_000


def _send(server: Server, key: str, message: dict[str, Any]) -> int:
    request = urllib.request.Request(f"{server.url}/v1/track", json.dumps(message).encode(), {"X-API-Key": key})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def _send_until(server: Server, key: str, number: int, status: int, page: Page) -> None:
    """The server looks at its keys once a second."""
    for _ in range(50):
        if _send(server, key, viewed(number)) == status:
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"never answered {status}")


def test_a_tracker_is_connected_and_its_key_revoked_and_restored(page: Page, empty_server: Server) -> None:
    page.goto(f"{empty_server.url}/collect?lang=en")
    wait_until_settled(page)
    expect(page.get_by_text("No write key yet")).to_be_visible(timeout=DRAWN_MS)
    with page.expect_popup() as opened:
        page.get_by_role("link", name="API documentation").click()
    expect(opened.value.get_by_role("heading", name="IntentLens API")).to_be_visible(timeout=DRAWN_MS)
    assert opened.value.url == f"{empty_server.url}/v1/docs?lang=en"
    opened.value.close()
    page.get_by_role("textbox", name="Source").fill("web shop")
    page.get_by_role("button", name="Make a write key").click()
    expect(page.get_by_text("Waiting for the first event of web shop")).to_be_visible(timeout=DRAWN_MS)
    codes = page.get_by_test_id("stCode")
    expect(codes.first).to_have_text(re.compile(r"^[\w-]{20,}\s*$"), timeout=DRAWN_MS)  # the command stood there before
    key = codes.first.inner_text().strip()
    expect(codes.nth(1)).to_contain_text(f"{empty_server.url}/v1/track -u '{key}:'")
    _send_until(empty_server, key, 1, 200, page)
    expect(page.get_by_text("web shop sends. Events in the last hour: 1")).to_be_visible(timeout=DRAWN_MS)
    assert _send(empty_server, "wrong", viewed(2)) == 401
    assert _send(empty_server, key, {"event": 7}) == 400
    expect(page.get_by_text("The last 1; newest first.")).to_be_visible(timeout=DRAWN_MS)

    page.get_by_role("button", name="I have copied it").click()
    expect(page.get_by_text(key)).to_have_count(0, timeout=DRAWN_MS)
    wait_until_settled(page)
    page.get_by_role("button", name="Revoke", exact=True).click()
    page.get_by_role("button", name="Revoke key-").click()
    expect(page.get_by_text("of web shop is revoked.")).to_be_visible(timeout=DRAWN_MS)
    _send_until(empty_server, key, 3, 401, page)
    wait_until_settled(page)
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_text("lets its trackers in again.")).to_be_visible(timeout=DRAWN_MS)
    _send_until(empty_server, key, 4, 200, page)
    table = downloaded(page, page.get_by_test_id("stMain").get_by_role("button", name="Download CSV").nth(1))
    assert "web shop" in table.read_text(encoding="utf-8")


@pytest.fixture
def set_aside_server(tmp_path: Path, browser: Browser) -> Iterator[Server]:
    """A server one of whose posts was acknowledged and could not be stored."""
    warehouse = Warehouse.open(Settings(home=tmp_path / "home", sample_shop=False))
    post_and_set_aside(warehouse)
    warehouse.close()
    server = Server(tmp_path / "home", sample_shop=False).start()
    yield server
    stop(server, browser)


def test_what_was_set_aside_is_downloaded_and_stored_again(page: Page, set_aside_server: Server) -> None:
    page.goto(f"{set_aside_server.url}/collect?lang=en")
    expect(page.get_by_text("could not store afterwards: 1")).to_be_visible(timeout=DRAWN_MS)
    wait_until_settled(page)
    events = downloaded(page, page.get_by_role("button", name="Download the events"), ".jsonl")
    assert json.loads(events.read_text(encoding="utf-8"))["event_id"] == "p0"
    page.get_by_role("button", name="Store again").click()
    expect(page.get_by_text("Posts stored: 1")).to_be_visible(timeout=DRAWN_MS)
    expect(page.get_by_text("could not store afterwards")).to_have_count(0, timeout=DRAWN_MS)
