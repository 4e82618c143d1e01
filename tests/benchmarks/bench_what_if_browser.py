"""Time from a click on the What if page to what it moves, as a browser shows it.

Run: .venv/bin/python -m tests.benchmarks.bench_what_if_browser
Prints a Markdown table: click → bars and click → heatmap, over edits that take one event of a session away and put it
back. The baseline is a rerun of the same page that asks the model nothing (another intent's heatmap that is kept), so
that the ratio tells what the model costs beside Streamlit and the browser. Also the server's time on the processor for
each edit, which other work on the machine does not stretch.
"""

import os
import tempfile
from pathlib import Path

import numpy as np
import psutil
from playwright.sync_api import Page

from tests.browser.chromium import running_browser, wait_until_settled
from tests.browser.server import Server

SESSION = "v00464-3"
ROUNDS = int(os.environ.get("ROUNDS", "20"))
_WATCH = """
async ([event, act]) => {
  const roots = [...document.querySelectorAll('*')].map((node) => node.shadowRoot).filter(Boolean);
  const editor = roots.map((root) => root.querySelector('.what-if')).find(Boolean);
  const heatmap = roots.map((root) => root.querySelector('.heatmap')).find(Boolean);
  const rows = () => heatmap.querySelector('table').getAttribute('aria-rowcount');
  const before = rows();
  // Not the bars' digits: an early event may move none of them.
  const moved = [() => !editor.hasAttribute('data-waiting'), () => rows() !== before];
  const found = [null, null];
  const begun = performance.now();
  editor.querySelector(`[data-event="${event}"] .acts button:nth-child(${act})`).click();
  while (found.includes(null) && performance.now() - begun < 20000) {
    await new Promise(requestAnimationFrame);
    moved.forEach((is, at) => { if (found[at] === null && is()) found[at] = performance.now() - begun; });
  }
  return found;
}
"""
_REMOVE, _PUT_BACK = 4, 1
_SWITCH = """
async (name) => {
  const find = (selector) => [...document.querySelectorAll('[data-testid=stMain] ' + selector)];
  const captions = () => find('[data-testid=stCaptionContainer]').map((one) => one.textContent).join();
  const before = captions();
  const begun = performance.now();
  find('[role=radio], button').find((one) => one.textContent.trim() === name).click();
  while (captions() === before && performance.now() - begun < 20000) await new Promise(requestAnimationFrame);
  return performance.now() - begun;
}
"""


def main() -> None:
    """Measure edits of one session on the sample shop."""
    with tempfile.TemporaryDirectory() as home, running_browser() as browser:
        server = Server(Path(home) / "home", sample_shop=True).start()
        try:
            server.wait_for("/readyz", 120)
            page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US").new_page()
            page.goto(f"{server.url}/what_if?session={SESSION}")
            page.wait_for_selector(".pair", timeout=60_000)
            page.wait_for_selector(".heatmap .cell", timeout=60_000)
            wait_until_settled(page)
            measured = _edits(page, psutil.Process(server.process_id))
            kept = _kept(page)
        finally:
            server.stop()
    base = float(np.median(kept))
    print("| one edit | p50 ms | p95 ms | rerun of the page without the model, p50 ms | ratio |\n|---|---|---|---|---|")
    for name, times in measured.items():
        middle, high = np.median(times), np.quantile(times, 0.95)
        print(f"| {name} | {middle:.0f} | {high:.0f} | {base:.0f} | {middle / base:.1f} |")


def _edits(page: Page, server: psutil.Process) -> dict[str, list[float]]:
    measured: dict[str, list[float]] = {"click → bars": [], "click → heatmap": [], "server's processor": []}
    events = page.locator(".row[data-event]").evaluate_all("(rows) => rows.map((row) => row.dataset.event)")
    for number in range(ROUNDS + 1):
        event = events[number % (len(events) - 1)]
        for act in (_REMOVE, _PUT_BACK):
            used = sum(server.cpu_times()[:2])
            bars, table = page.evaluate(_WATCH, [event, act])
            wait_until_settled(page)
            if number == 0:
                continue  # warms up
            if bars is None or table is None:
                raise TimeoutError(f"The edit of '{event}' moved nothing within 20 s.")
            if act == _REMOVE:  # what is put back was explained before, and is only looked up
                measured["click → bars"].append(bars)
                measured["click → heatmap"].append(table)
                measured["server's processor"].append(1000 * (sum(server.cpu_times()[:2]) - used))
    return measured


def _kept(page: Page) -> list[float]:
    """Reruns that find everything kept: between two intents whose heatmaps were made before."""
    times = []
    for number in range(max(4, ROUNDS // 2) + 2):
        took = page.evaluate(_SWITCH, ("Deal", "Compare")[number % 2])
        wait_until_settled(page)
        if number >= 2:
            times.append(took)
    return times


if __name__ == "__main__":
    main()
