"""How fast the labeler is: from a key to the next session on screen, and from a label to its durable acknowledgement.

Run: .venv/bin/python -m tests.benchmarks.bench_labeler [PRESSES]
Real key events in Chromium against a real server with the sample shop. Key to screen is measured in the page, from the
event's own time stamp to the frame after the session was swapped; its baseline is an empty page's key to frame. A label
counts from the moment it enters the outbox to the moment it leaves it; its baseline is an append to a file with fsync.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Page

from core.settings import Settings
from core.store.frames import read_rows
from core.store.warehouse import Warehouse
from tests.browser.chromium import running_browser, wait_until_settled
from tests.browser.server import Server

PRESSES = 1000
FAST_MS = 20
HAND_MS = 300
HAND_PRESSES = 100
FLUSHES = 200
MEASURE = """
  window.frames = []; window.waits = []; window.met = 0; window.dry = 0;
  const added = new Map(), prefix = 'intentlens.operation.';
  const { setItem, removeItem } = Storage.prototype;
  Storage.prototype.setItem = function (key, value) {
    if (key.startsWith(prefix)) added.set(key, performance.now());
    return setItem.call(this, key, value);
  };
  Storage.prototype.removeItem = function (key) {
    if (added.has(key)) { waits.push(performance.now() - added.get(key)); added.delete(key); }
    return removeItem.call(this, key);
  };
  const roots = () => [...document.querySelectorAll('*')].map((node) => node.shadowRoot).filter(Boolean);
  let root;
  window.addEventListener('keydown', (event) => {
    if (!root || !root.host.isConnected) root = roots().find((each) => each.querySelector('.labeler'));
    const isShown = root ? root.querySelector('.rows') !== null : true;
    if (isShown) window.met += 1; else window.dry += 1;
    requestAnimationFrame(() => { if (isShown) frames.push(performance.now() - event.timeStamp); });
  }, true);
"""
EMPTY = "data:text/html,<!doctype html><title>empty</title><body>"
JOURNAL = "SELECT count(*), count(DISTINCT client_id) FROM annotations WHERE annotator = ?"


def main(presses: int) -> None:
    """Print two Markdown tables."""
    with tempfile.TemporaryDirectory(prefix="intentlens-labeler-") as folder, running_browser() as browser:
        home = Path(folder) / "home"
        empty = _empty_page(browser.new_page(), presses)
        flushes = _flush_times(Path(folder) / "flushed")
        server = Server(home, sample_shop=True).start()
        try:
            server.wait_for("/readyz", 300)
            fast = _label(browser.new_page(), server, "fast", presses, FAST_MS)
            hand = _label(browser.new_page(), server, "hand", HAND_PRESSES, HAND_MS)
        finally:
            server.stop()
        print("| what | p50 ms | p95 ms | baseline p50, p95 ms | target |\n|---|---|---|---|---|")
        for name, page in (("20 ms", fast), ("300 ms", hand)):
            print(_row(f"key to next session, keys {name} apart", page["frames"], empty, "p95 16 ms"))
            print(_row(f"label acknowledged durable, keys {name} apart", page["waits"], flushes, "p95 150 ms"))
        print("\n| annotator | presses on a session | on the empty card | journal rows | distinct labels |")
        print("|---|---|---|---|---|")
        for name, page in (("fast", fast), ("hand", hand)):
            rows, distinct = _journal(home, name)
            print(f"| {name} | {page['met']} | {page['dry']} | {rows} | {distinct} |")


def _empty_page(page: Page, presses: int) -> list[float]:
    page.add_init_script(MEASURE)
    page.goto(EMPTY)
    _press(page, presses, FAST_MS)
    return page.evaluate("frames")


def _label(page: Page, server: Server, annotator: str, presses: int, gap_ms: float) -> dict:
    page.add_init_script(MEASURE)
    page.goto(f"{server.url}/label?annotator={annotator}")
    wait_until_settled(page)
    page.wait_for_selector(".labeler .rows")
    page.wait_for_timeout(2000)
    _press(page, presses, gap_ms)
    page.wait_for_selector(".labeler .state[data-state=saved]", timeout=60_000)
    return page.evaluate("({frames, waits, met, dry})")


def _press(page: Page, presses: int, gap_ms: float) -> None:
    started = time.perf_counter()
    for number in range(presses):
        time.sleep(max(0.0, started + number * gap_ms / 1000 - time.perf_counter()))
        page.keyboard.press(str(1 + number % 3))


def _flush_times(path: Path) -> list[float]:
    times = []
    with path.open("ab") as file:
        for _ in range(FLUSHES):
            started = time.perf_counter()
            file.write(b"x" * 200)
            file.flush()
            os.fsync(file.fileno())
            times.append((time.perf_counter() - started) * 1000)
    return times


def _journal(home: Path, annotator: str) -> tuple[int, int]:
    warehouse = Warehouse.open(Settings(home=home))
    rows = read_rows(warehouse, JOURNAL, [annotator])
    warehouse.close()
    return rows[0]


def _row(name: str, times: Sequence[float], baseline: Sequence[float], target: str) -> str:
    middle, high = _quantiles(times)
    base_middle, base_high = _quantiles(baseline)
    return f"| {name} | {middle:.1f} | {high:.1f} | {base_middle:.1f}, {base_high:.1f} | {target} |"


def _quantiles(values: Sequence[float]) -> tuple[float, float]:
    ordered = statistics.quantiles(values, n=20, method="inclusive")
    return ordered[9], ordered[18]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else PRESSES)
