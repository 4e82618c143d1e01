"""The visitor's timeline: a window of events out of many, and a browser that draws, pans and zooms 5,000 of them.

Run: .venv/bin/python -m tests.benchmarks.bench_timeline [MILLIONS OF EVENTS] [--windows] [--warehouse FOLDER]
Prints Markdown tables. In those of windows the baseline is the visitor's whole history by the plain query, every column
of it, as one would write it without windows; both run on the same warehouse, whose visitors have 50 events each but for
a few heavy ones, whose events lie among everybody else's. The first is of events written since the file was opened,
which DuckDB 2.0 scans at a greater cost, the second of the same after a restart. `CPU` is of all threads of the
process. In the browser's tables the baseline is an empty frame of the same browser on the same page (nothing painted),
since no frame is quicker; `paint` is the time the timeline's own code takes in a frame.

--windows leaves the browser out; --warehouse keeps the filled warehouse in a folder, or reads the one there: filling
takes a minute for 10 M events, and then there is only the table after a restart.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from playwright.sync_api import Page

from app.api.messages import TimelineQuestion
from app.views.timeline_window import timeline_window
from core.settings import Settings
from core.store.frames import read_records, read_value
from core.store.ingest_queries import rebuild_sessions
from core.store.warehouse import Warehouse
from tests.browser.chromium import DESKTOP, running_browser, wait_until_settled, watched_page
from tests.browser.server import Server
from tests.browser.timeline_home import make_timeline_home

EVENTS_A_VISITOR = 50
HEAVY = {
    "h5000": (5_000, 25),
    "h20000": (20_000, 25),
    "h50000": (50_000, 25),
    "r5000": (5_000, 1),
    "r10000": (10_000, 1),
}
"""Events, and how many of them a session; the last two are robots that come every nine and every four minutes."""
ROUNDS, ROUNDS_OF_ANYONE = 40, 100
START = datetime(2026, 1, 1)
DAYS = 30
SPAN_MICROSECONDS = DAYS * 86_400_000_000
_CROWD = """
    SELECT 'e' || i, 'v' || (hash(i // 400 * 20 + i % 20) % $visitors), NULL,
        TIMESTAMP '2026-01-01' + to_microseconds(i::BIGINT * $step)
    FROM range($start, $stop) AS all_events(i)
"""
"""Twenty visitors at a time, each with a session of twenty events."""
_HEAVY = """
    SELECT '{visitor}.' || i, '{visitor}', '{visitor}.' || i // {burst}, TIMESTAMP '2026-01-01' + to_microseconds(place)
    FROM (SELECT i, i // {burst} * {step} + i % {burst} * 20000000 AS place FROM range({count}::BIGINT) AS own(i))
    WHERE place >= $begin AND place < $end
"""
"""Given sessions of `burst` events, evenly over the month."""
_FILL = """
    INSERT INTO events (event_id, occurred_at, received_at, visitor_id, session_id, event_type, item_id, session_given)
    SELECT event_id, day, day, visitor_id, session_id, 'view', 'i' || (hash(event_id) % 5000), session_id IS NOT NULL
    FROM ({parts}) AS filled(event_id, visitor_id, session_id, day) ORDER BY day, event_id
"""
FILLED_AT_ONCE = 500_000
"""A commit of more would not fit the warehouse's memory: its index is built within."""
_WHOLE = """
    SELECT e.*, i.* EXCLUDE (item_id) FROM events AS e LEFT JOIN items AS i USING (item_id)
    WHERE e.visitor_id = ? ORDER BY e.occurred_at, e.event_id
"""
_PAN = """
async ({frames, gesture}) => {
  const find = (node) => node.querySelector?.('.timeline') ||
    [...node.querySelectorAll('*')].map((one) => one.shadowRoot && find(one.shadowRoot)).find(Boolean);
  const root = find(document), stage = root.querySelector('.stage'), box = stage.getBoundingClientRect();
  const send = (type, x, more) => stage.dispatchEvent(new PointerEvent(type, {
    clientX: box.x + x, clientY: box.y + 90, bubbles: true, pointerId: 1, buttons: 1, ...more}));
  stage.setPointerCapture = () => {};
  const deltas = [], paints = [];
  let last = await new Promise(requestAnimationFrame);
  if (gesture === 'drag') send('pointerdown', 400);
  for (let n = 0; n < frames; n++) {
    const swing = Math.sin(n / 14);
    if (gesture === 'drag') send('pointermove', 400 + 300 * swing);
    if (gesture === 'zoom') stage.dispatchEvent(new WheelEvent('wheel', {
      deltaY: 60 * Math.cos(n / 14), ctrlKey: true, clientX: box.x + 500, bubbles: true, cancelable: true}));
    const now = await new Promise(requestAnimationFrame);
    deltas.push(now - last);
    paints.push(gesture === 'none' ? 0 : Number(root.dataset.paintMs));
    last = now;
  }
  if (gesture === 'drag') send('pointerup', 400, {buttons: 0});
  return {deltas, paints};
}
"""


def main(millions: float, kept: Path | None, browser: bool) -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory(prefix="intentlens-timeline-") as folder:
        home = kept or Path(folder) / "home"
        if not (home / "warehouse.duckdb").exists():
            with _opened(home) as warehouse:
                _fill(warehouse, round(millions * 1e6))
                _measure_windows(warehouse, "written since the start")
        with _opened(home) as warehouse:
            _measure_windows(warehouse, "after a restart")
        if browser:
            _measure_browser(Path(folder))


@contextmanager
def _opened(home: Path) -> Iterator[Warehouse]:
    warehouse = Warehouse.open(Settings(home=home, sample_shop=False))
    try:
        yield warehouse
    finally:
        warehouse.close()


def _fill(warehouse: Warehouse, events: int) -> None:
    """In the order of time, as events arrive: those of a heavy visitor lie apart, among everybody else's."""
    heavy = [
        _HEAVY.format(visitor=visitor, count=count, burst=burst, step=SPAN_MICROSECONDS * burst // count)
        for visitor, (count, burst) in HEAVY.items()
    ]
    query = _FILL.format(parts=" UNION ALL ".join([_CROWD, *heavy]))
    asked = {"visitors": max(1, events // EVENTS_A_VISITOR), "step": SPAN_MICROSECONDS // events}
    for start in range(0, events, FILLED_AT_ONCE):
        stop = min(start + FILLED_AT_ONCE, events)
        part = asked | {"start": start, "stop": stop, "begin": start * asked["step"], "end": stop * asked["step"]}
        warehouse.write(lambda cursor, part=part: cursor.execute(query, part).fetchall())  # type: ignore[misc]
    rebuild_sessions(warehouse)


def _measure_windows(warehouse: Warehouse, state: str) -> None:
    events = int(read_value(warehouse, "SELECT count(*) FROM events"))
    print(f"Windows out of {events / 1e6:.1f} M events {state}, written as JSON\n")
    print("| visitor | p50 | p95 | whole history p50 | ratio | target | CPU p50 |\n|---|---|---|---|---|---|---|")
    chance = np.random.default_rng(3)
    crowd = max(1, events // EVENTS_A_VISITOR)
    anyone = {"any of 50 events": lambda: f"v{chance.integers(crowd)}"}
    heavy = {
        f"one of {count:,} events, {burst} a session": (lambda visitor=visitor: visitor)
        for visitor, (count, burst) in HEAVY.items()
    }
    for name, visitor in {**anyone, **heavy}.items():
        rounds = ROUNDS_OF_ANYONE if name in anyone else ROUNDS
        cpu: list[float] = []
        window = _times(rounds, lambda visitor=visitor, cpu=cpu: _answer(warehouse, visitor(), chance, cpu))  # type: ignore[misc]
        whole = _times(
            rounds // 6,
            lambda visitor=visitor: read_records(warehouse, _WHOLE, [visitor()]),  # type: ignore[misc]
        )
        _row(name, window, whole, f"p95 100 ms | {np.median(cpu) * 1000:.1f} ms")
    print()


def _answer(warehouse: Warehouse, visitor_id: str, chance: np.random.Generator, cpu: list[float]) -> None:
    began = time.process_time()
    json.dumps(timeline_window(warehouse, _question(visitor_id, chance)), ensure_ascii=False, separators=(",", ":"))
    cpu.append(time.process_time() - began)


def _question(visitor_id: str, chance: np.random.Generator) -> TimelineQuestion:
    """A window about any date."""
    at = START + timedelta(days=float(chance.uniform(0, DAYS)))
    return TimelineQuestion(visitor_id=visitor_id, at_ms=(at - datetime(1970, 1, 1)) / timedelta(milliseconds=1))


def _measure_browser(folder: Path) -> None:
    print("A visitor of 5,000 events on screen, some 3,000 to 5,000 of them in view, 1440 px wide\n")
    sample = Server(folder / "sample", sample_shop=True).start()
    try:
        sample.wait_for("/readyz", 180)
    finally:
        sample.stop()
    model = sample.home / "models" / "sample-finetuned"
    make_timeline_home(folder / "served", model, {"few": 40, "many": 5_000})
    server = Server(folder / "served", sample_shop=False).start()
    try:
        server.wait_for("/healthz", 60)
        with running_browser() as browser, watched_page(browser, **DESKTOP) as page:
            page.goto(f"{server.url}/visitor?visitor=few")
            _loaded(page)
            _measure_opening(page, server)
            _measure_frames(page)
    finally:
        server.stop()


def _measure_opening(page: Page, server: Server) -> None:
    """From the click on a link (here: its address is opened) until the events are drawn; other pages are warm."""
    seconds = {visitor: [_opening(page, server, visitor) for _ in range(8)] for visitor in ("few", "many")}
    print("| what | p50 | p95 | baseline p50 | ratio | target |\n|---|---|---|---|---|---|")
    _row("events drawn after the page's own start, 5,000 against 40", seconds["many"], seconds["few"], "500 ms")


def _opening(page: Page, server: Server, visitor: str) -> float:
    """Seconds from the timeline's mount (its first question) to its first painted frame."""
    page.goto(f"{server.url}/visitor?visitor={visitor}")
    _loaded(page)
    found: float = page.evaluate(
        """() => {
          const find = (node) => node.querySelector?.('.timeline') ||
            [...node.querySelectorAll('*')].map((one) => one.shadowRoot && find(one.shadowRoot)).find(Boolean);
          return Number(find(document).dataset.openingMs) / 1000;
        }"""
    )
    return found


def _measure_frames(page: Page) -> None:
    page.get_by_role("button", name="Show every event").click()
    page.locator(".stage").focus()
    page.keyboard.press("+")
    page.wait_for_timeout(500)
    idle = page.evaluate(_PAN, {"frames": 120, "gesture": "none"})
    print("\n| gesture | paint p50 | paint p95 | frame p50 | frame p95 | empty frame p50 | target |")
    print("|---|---|---|---|---|---|---|")
    for gesture in ("zoom", "drag"):
        found = page.evaluate(_PAN, {"frames": 240, "gesture": gesture})
        values = [np.quantile(found[name], share) for name in ("paints", "deltas") for share in (0.5, 0.95)]
        cells = " | ".join(f"{value:.1f} ms" for value in (*values, np.median(idle["deltas"])))
        print(f"| {gesture} | {cells} | paint 4 ms, frame 16.7 ms |", flush=True)


def _loaded(page: Page) -> None:
    page.locator(".timeline:not([data-busy])[data-rested]").wait_for(timeout=90_000)
    wait_until_settled(page)


def _times(count: int, act: Callable[[], object]) -> list[float]:
    return [_once(act) for _ in range(count)]


def _once(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _row(what: str, seconds: list[float], baseline: list[float], target: str) -> None:
    middle, plain = float(np.median(seconds)), float(np.median(baseline))
    p95 = float(np.quantile(seconds, 0.95))
    cells = f"{middle * 1000:.1f} ms | {p95 * 1000:.1f} ms | {plain * 1000:.1f} ms | {middle / plain:.2f}"
    print(f"| {what} | {cells} | {target} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("millions", type=float, nargs="?", default=10)
    parser.add_argument("--windows", action="store_true", help="without the browser")
    parser.add_argument("--warehouse", type=Path, help="where the filled warehouse is kept")
    asked = parser.parse_args()
    main(asked.millions, asked.warehouse, browser=not asked.windows)
