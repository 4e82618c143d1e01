"""What the Live page costs: an update, a look at 10,000 visitors, a frame; and how often alarms are false.

Run: .venv/bin/python -m tests.benchmarks.bench_live [UPDATES] [DAYS]
An update is counted from the group that the tracker publishes to the state of the visitors and all counts; its baseline
is a plain dictionary of each visitor's last update. A look is the JSON that a page is told, words of the last events
and all, with as many visitors as are kept at most, 200 of them listed; its baseline is writing all 10,000 rows, with
nothing counted or looked up. A frame is all that the page does with what it was told (rows, bars, counts, layout), in
Chromium over a real socket, every listed visitor being another one each second; its baseline is the 16.7 ms that a
screen of 60 Hz leaves. Alarms are false where they ring in a made-up shop that does not change
(`tests/core/realtime/shop_stream.py`); with none in so many days the true rate is below 3 / days (at 95 %).
"""

import itertools
import logging
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import orjson
import pyarrow as pa
import uvicorn

from app.context import AppContext, close_context, start_context
from app.server import create_app
from app.views.live_snapshot import live_snapshot
from core.events.schema import EVENT_SCHEMA
from core.realtime.alarm_rules import Situation, findings
from core.realtime.alarm_settings import AlarmSettings
from core.realtime.alarm_state import AlarmState
from core.realtime.intent_update import IntentUpdate
from core.realtime.live_view import Asked, live_view
from core.realtime.presence import MOST_VISITORS, Presence, seconds_of
from core.realtime.updates import Updates
from core.settings import Settings
from core.store.ingest_queries import append_events
from tests.browser.chromium import DESKTOP, running_browser, wait_until_settled
from tests.browser.server import free_port
from tests.core.realtime.moments import START, MovedClock, update_of
from tests.core.realtime.shop_stream import Shop, acts

INTENTS = ("browse", "search", "compare", "purchase", "deal", "support", "other")
TYPES = ("view", "view_list", "search", "add_to_cart", "remove_from_cart", "purchase", "view")
GROUP = 100
LOOKS = 60
FRAMES_S = 15

FRAME_PROBE = """
    () => {
        const frames = window.liveFrames = [];
        const request = window.requestAnimationFrame.bind(window);
        window.requestAnimationFrame = (work) => request((time) => {
            const began = performance.now();
            work(time);
            document.body.getBoundingClientRect();
            frames.push(performance.now() - began);
        });
        const stalls = window.liveStalls = [];
        new PerformanceObserver((list) => stalls.push(...list.getEntries().map((entry) => entry.duration)))
            .observe({ entryTypes: ["longtask"] });
    }"""


def updates_of(count: int) -> list[IntentUpdate]:
    """Of 10,000 visitors in turn, each with its intents and acts."""
    return [
        update_of(
            f"v{place * 7919 % MOST_VISITORS}",
            INTENTS[place * 31 % 7],
            TYPES[place * 17 % 7],
            abstained=place % 5 == 0,
            session_id=f"s{place * 7919 % MOST_VISITORS}",
        )
        for place in range(count)
    ]


def per_second(work: Callable[[list[IntentUpdate]], None], updates: list[IntentUpdate]) -> float:
    groups = [updates[start : start + GROUP] for start in range(0, len(updates), GROUP)]
    began = time.process_time()
    for group in groups:
        work(group)
    return len(updates) / (time.process_time() - began)


def row(what: str, measured: str, baseline: str, ratio: float | None = None) -> None:
    print(f"| {what} | {measured} | {baseline} | {'' if ratio is None else f'{ratio:.3g}'} |", flush=True)


def bench_updates(count: int) -> None:
    updates = updates_of(count)
    last: dict[str, IntentUpdate] = {}

    def keep_last(group: list[IntentUpdate]) -> None:
        for update in group:
            last[update.visitor_id] = update

    plain = per_second(keep_last, updates)
    presence = Presence()
    alone = per_second(presence.on_updates, updates)
    published = Updates()
    published.listen(Presence().on_updates)
    whole = per_second(published.publish, updates)
    row("update of the presence (baseline: a dictionary)", f"{alone:,.0f}/s", f"{plain:,.0f}/s", alone / plain)
    row("published and taken (baseline: a dictionary)", f"{whole:,.0f}/s", f"{plain:,.0f}/s", whole / plain)


def p95(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.95)] * 1000


def fill(app_context: AppContext) -> list[IntentUpdate]:
    """10,000 visitors present, whose last events are stored."""
    updates = [replace(update, event_id=f"e{place}") for place, update in enumerate(updates_of(MOST_VISITORS))]
    rows = [
        {"event_id": update.event_id, "occurred_at": START, "received_at": START, "visitor_id": update.visitor_id}
        | {"event_type": "view", "query": f"shoes {place}"}
        for place, update in enumerate(updates)
    ]
    append_events(app_context.warehouse, pa.Table.from_pylist(rows, schema=EVENT_SCHEMA))
    app_context.updates.publish(updates)
    return updates


def bench_looks(app_context: AppContext) -> None:
    updates = fill(app_context)
    asked = {"last seen": Asked(), "by confidence": Asked(order="unsure"), "search": Asked(search="v99")}
    whole: list[float] = []
    everyone = live_view(app_context.presence, Asked()).visitors * (MOST_VISITORS // 200)
    for _ in range(LOOKS // 3):
        began = time.perf_counter()
        orjson.dumps(everyone, option=orjson.OPT_NAIVE_UTC)
        whole.append(time.perf_counter() - began)
    for name, question in asked.items():
        took = []
        for place in range(LOOKS):
            start = place * 200 % MOST_VISITORS
            app_context.updates.publish(updates[start : start + 200])  # the words of these are looked up anew
            began = time.perf_counter()
            body = orjson.dumps(live_snapshot(app_context, question), option=orjson.OPT_NAIVE_UTC)
            took.append(time.perf_counter() - began)
        what = f"look at {MOST_VISITORS:,} visitors, {name}, p95 (baseline: all rows, written only)"
        size = f"{p95(took):.1f} ms, {len(body) / 1024:.0f} KB"
        row(what, size, f"{p95(whole):.1f} ms", p95(took) / p95(whole))


def bench_frames(app_context: AppContext) -> None:
    port = free_port()
    logging.disable(logging.INFO)  # a line a request would be measured too
    server = uvicorn.Server(uvicorn.Config(create_app(app_context), port=port))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    updates, over = updates_of(MOST_VISITORS), threading.Event()

    def stream() -> None:
        for place in itertools.count(0, 50):
            if over.wait(0.05):
                return
            start = place % MOST_VISITORS
            app_context.updates.publish(updates[start : start + 50])

    sender = threading.Thread(target=stream, daemon=True)
    sender.start()
    try:
        with running_browser() as browser:
            page = browser.new_context(**DESKTOP).new_page()
            page.goto(f"http://127.0.0.1:{port}/live")
            wait_until_settled(page)
            page.get_by_role("listitem").nth(29).wait_for(timeout=60_000)
            page.evaluate(FRAME_PROBE)
            page.wait_for_timeout(FRAMES_S * 1000)
            frames: list[float] = page.evaluate("window.liveFrames")
            stalls: list[float] = page.evaluate("window.liveStalls")
    finally:
        over.set()
        sender.join()
        server.should_exit = True
        thread.join()
    frames.sort()
    median, high = statistics.median(frames), frames[int(len(frames) * 0.95)]
    row("page's frame, 1,000 updates/s, median (baseline: 60 Hz)", f"{median:.1f} ms", "16.7 ms", median / 16.7)
    row(f"the same, p95 of {len(frames)}", f"{high:.1f} ms", "16.7 ms", high / 16.7)
    row(f"tasks above 50 ms in {FRAMES_S} s", f"{len(stalls)}, longest {max(stalls, default=0):.0f} ms", "0")


def false_alarms(shop: Shop, days: int, seed: int) -> int:
    """How many alarms begin in so many days of a shop that stays as it is."""
    clock, chosen, state = MovedClock(), AlarmSettings(), AlarmState()
    presence = Presence(clock)
    begin_s = seconds_of(START)
    base_s, next_s, rang = begin_s + 2 * chosen.leave_after_minutes * 60, begin_s + 10, 0
    for act in acts(shop, begin_s, begin_s + days * 86_400, seed):
        while act.at_s >= next_s:
            clock.now = START + timedelta(seconds=next_s - begin_s)
            start_s = next_s - chosen.window_minutes * 60
            before_s = max(start_s - chosen.before_minutes * 60, base_s)
            spans = ((start_s, next_s), (min(before_s, start_s), start_s), (next_s - 60, next_s))
            situation = Situation(*(presence.counts(*span) for span in spans), *presence.present())
            if start_s - before_s >= 120:
                changes = state.take(findings(situation, chosen), chosen, next_s)
                rang += sum(change.ending is None for change in changes)
            next_s += 10
        clock.now = START + timedelta(seconds=act.at_s - begin_s)
        presence.on_updates([update_of(act.visitor_id, act.intent, act.event_type, abstained=act.unsure)])
        presence.on_stored(1)
    return rang


def bench_alarms(days: int) -> None:
    for rate in (1.0, 5.0, 20.0):
        rang = false_alarms(Shop(visitors_per_minute=rate), days, seed=int(rate))
        row(f"false alarms, {rate:g} visitors a minute", f"{rang} in {days} days", "0")


def main(updates: int, days: int) -> None:
    print("| what | measured | baseline | ratio |\n|---|---|---|---|")
    bench_updates(updates)
    with tempfile.TemporaryDirectory() as home:
        app_context = start_context(Settings(home=Path(home) / "home", sample_shop=False))
        try:
            bench_looks(app_context)
            bench_frames(app_context)
        finally:
            close_context()
    if days:
        bench_alarms(days)


if __name__ == "__main__":
    numbers = [int(one) for one in sys.argv[1:]]
    main(*(numbers + [500_000, 14][len(numbers) :]))
