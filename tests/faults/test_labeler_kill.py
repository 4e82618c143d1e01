"""The server killed while an annotator labels: the page comes back by itself and every press counts exactly once."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.settings import Settings
from core.store.frames import read_rows
from core.store.warehouse import Warehouse
from tests.browser.chromium import chromium_path, running_browser, wait_until_settled
from tests.browser.server import Server
from tests.faults.labeler_shop import fill_shop

PRESSES = 120
GAP_MS = 20
KILLS_AT = (60,)
COUNT_PRESSES = """() => {
  window.labelled = 0;
  const roots = () => [...document.querySelectorAll('*')].map((node) => node.shadowRoot).filter(Boolean);
  const isSessionShown = () => roots().some((root) => root.querySelector('.labeler .rows'));
  window.addEventListener('keydown', () => { if (isSessionShown()) window.labelled += 1; }, true);
}"""
JOURNAL = "SELECT count(*), count(DISTINCT client_id), count(DISTINCT session_id) FROM annotations"


@pytest.mark.fault
@pytest.mark.browser
@pytest.mark.timeout(180)
def test_every_press_counts_once_although_the_server_is_killed(tmp_path: Path) -> None:
    if chromium_path() is None:
        pytest.skip("no Chromium here; run: sh tests/browser/install_chromium.sh .venv/bin")
    home = tmp_path / "home"
    fill_shop(home, sessions=PRESSES + 100)
    server = Server(home, sample_shop=False).start()
    try:
        with ThreadPoolExecutor(1) as own_thread:  # another browser may be open in this one
            labelled = own_thread.submit(_label_while_the_server_dies, server).result()
    finally:
        server.stop()
    assert labelled == PRESSES
    assert _journal(home) == (labelled, labelled, labelled)


def _label_while_the_server_dies(server: Server) -> int:
    """How many presses met a session, once all they said is durable."""
    with running_browser() as browser:
        page = browser.new_page()
        page.goto(f"{server.url}/label?annotator=ana")
        wait_until_settled(page)
        expect(page.locator(".labeler .rows")).to_be_visible(timeout=20_000)
        page.evaluate(COUNT_PRESSES)
        _press_while_the_server_dies(page, server)
        expect(page.locator(".state")).to_have_attribute("data-state", "saved", timeout=60_000)
        return int(page.evaluate("window.labelled"))


def _press_while_the_server_dies(page: Page, server: Server) -> None:
    """Real key events until PRESSES of them met a session; at some, kill -9 and a start on the same folder behind."""
    kills = list(KILLS_AT)
    restarts: list[threading.Thread] = []
    deadline = time.monotonic() + 90
    while (labelled := page.evaluate("window.labelled")) < PRESSES and time.monotonic() < deadline:
        if kills and labelled >= kills[0] and not any(restart.is_alive() for restart in restarts):
            kills.pop(0)
            server.kill()
            restarts.append(threading.Thread(target=server.start))
            restarts[-1].start()
        page.keyboard.press(str(1 + labelled % 3))
        page.wait_for_timeout(GAP_MS)
    for restart in restarts:
        restart.join()


def _journal(home: Path) -> tuple[int, ...]:
    warehouse = Warehouse.open(Settings(home=home))
    rows = read_rows(warehouse, JOURNAL)
    warehouse.close()
    return tuple(rows[0])
