"""Event → intent, live: `python -m tests.benchmarks.bench_tracker`.

Over HTTP: a real server with the sample shop and its model, three of its pages open in Chromium, and a load generator
in a process of its own that sends RATE single events a second whether or not they are answered in time; a wait is
counted from when the event was due. The baseline is the same load without the intent in the answer: what the commit
alone takes. Then batches of 100 from connections that send as fast as they are answered.

In process: events of the sample shop, in the order they occurred, committed and followed in batches; beside the path
of before, which reads the whole visitor again for each event.
"""

import argparse
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pyarrow as pa
from playwright.sync_api import Page

from core.clock import utc_now
from core.events.schema import EVENT_COLUMNS, EVENT_SCHEMA, ITEM_SCHEMA
from core.model.scorer import SessionScorer
from core.realtime.stream_tracker import Stored, StreamTracker
from core.realtime.tracker import IntentTracker
from core.settings import Settings
from core.store.ingest_queries import append_events
from core.store.warehouse import Warehouse
from tests.benchmarks.bench_collect import _share
from tests.browser.chromium import running_browser, wait_until_settled
from tests.browser.server import Server

RATE = 200
CONNECTIONS = 24
BATCH = 100
BATCH_CLIENTS = 4
VISITORS = 1_500
PAGES = ("/overview", "/visitor", "/label")
SAMPLE = Path(__file__).parents[2] / "sample_data"
BASELINE_EVENTS = 200
TARGETS = "targets: p50 <= 5 ms and p99 <= 50 ms at 200 events/s; >= 2,000 events/s in batches"


def main() -> None:
    """Print two tables: over HTTP, and in process."""
    arguments = _arguments()
    if arguments.load:
        _load(arguments.load, arguments.path, arguments.batch, arguments.seconds)
        return
    print(TARGETS)
    if not arguments.only_in_process:
        _over_http(arguments.seconds)
    _in_process(arguments.events)


def _over_http(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "home", sample_shop=True).start()
        try:
            server.wait_for("/readyz", 120)
            with running_browser() as browser:
                pages = [browser.new_page() for _ in PAGES]
                for page, path in zip(pages, PAGES, strict=True):
                    page.goto(server.url + path, timeout=120_000)
                    wait_until_settled(page)
                _measure(server, pages, seconds)
        finally:
            server.stop()


def _measure(server: Server, pages: Sequence[Page], seconds: float) -> None:
    columns = f"{'events/s':>9} {'p50 ms':>8} {'p99 ms':>8} {'max ms':>8} {'failed':>7} {'CPU us/event':>12}"
    print(f"{'over HTTP, three pages open':38} {columns} {'ratio of p50':>12} {'memory MB':>9}")
    _run_load(server, "/v1/track?intent=true", 1, 3.0)  # loads the model
    baseline = _run_load(server, "/v1/track", 1, seconds)
    _say("single events, commit only (baseline)", baseline, baseline)
    _say("single events with ?intent=true", _run_load(server, "/v1/track?intent=true", 1, seconds), baseline)
    rate = _run_load(server, "/v1/batch", BATCH, seconds / 3)
    _say("batches of 100, commit only (baseline)", rate, rate)
    _say("batches of 100 with ?intent=true", _run_load(server, "/v1/batch?intent=true", BATCH, seconds / 3), rate)
    for page in pages:
        assert page.locator("[data-testid=stApp]").count() == 1, "a page is gone"


def _say(name: str, figures: dict[str, float], baseline: dict[str, float]) -> None:
    print(
        f"{name:38} {figures['events_s']:9,.0f} {figures['p50_ms']:8.1f} {figures['p99_ms']:8.1f} "
        f"{figures['max_ms']:8.1f} {figures['failed']:7.0f} {figures['cpu_us']:12.0f} "
        f"{figures['p50_ms'] / baseline['p50_ms']:11.2f}x {figures['memory_mb']:9.0f}",
        flush=True,
    )


def _run_load(server: Server, path: str, batch: int, seconds: float) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.bench_tracker", "--load", str(server.port), "--path", path]
    command += ["--batch", str(batch), "--seconds", str(seconds)]
    process = psutil.Process(server.process_id)
    before = process.cpu_times()
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    after = process.cpu_times()
    figures: dict[str, float] = json.loads(told)
    spent = after.user + after.system - before.user - before.system
    figures["cpu_us"] = 1e6 * spent / max(figures["sent"], 1)
    figures["memory_mb"] = process.memory_info().rss / 2**20
    return figures


def _load(port: int, path: str, batch: int, seconds: float) -> None:
    """The load generator: single events at RATE, batches as fast as they are answered."""
    waits: list[float] = []
    failed: list[str] = []
    lock = threading.Lock()
    clients = CONNECTIONS if batch == 1 else BATCH_CLIENTS
    numbers = iter(range(round(RATE * seconds) if batch == 1 else 10**9))
    began = time.monotonic() + 0.2

    def send(client: int) -> None:
        bodies = _bodies(batch, client)
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                with lock:
                    number = next(numbers, None)
                due = began + (number or 0) / RATE if batch == 1 else time.monotonic()
                if number is None or due > began + seconds:
                    return
                body = next(bodies)
                time.sleep(max(0.0, due - time.monotonic()))
                head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
                connection.sendall(head.encode() + body)
                answer = _answer(connection)
                wait = time.monotonic() - due
                with lock:
                    waits.append(wait)
                    if not answer.startswith(b"HTTP/1.1 200") or ("intent=true" in path and b'"label"' not in answer):
                        failed.append(answer[-400:].decode(errors="replace"))

    with ThreadPoolExecutor(clients) as threads:
        list(threads.map(send, range(clients)))
    took = time.monotonic() - began
    figures = {"sent": len(waits) * batch, "events_s": len(waits) * batch / took, "failed": len(failed)}
    figures |= {"p50_ms": 1000 * _share(waits, 0.5), "p99_ms": 1000 * _share(waits, 0.99), "max_ms": 1000 * max(waits)}
    print(json.dumps(figures))
    if failed:
        print(failed[0], file=sys.stderr)


def _answer(connection: socket.socket) -> bytes:
    """The whole answer, head and body."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return head + body


def _bodies(batch: int, client: int) -> Iterator[bytes]:
    """Product views, searches and carts of VISITORS visitors who come again and again, in order of time."""
    random = np.random.default_rng(client)
    run = uuid.uuid4().hex[:12]
    count = 0
    while True:
        at = utc_now().isoformat(timespec="milliseconds") + "Z"
        messages = []
        for _ in range(batch):
            count += 1
            messages.append(_message(f"{run}-{client}-{count}", f"v-{random.integers(VISITORS)}", at, random))
        yield json.dumps({"batch": messages} if batch > 1 else messages[0]).encode()


def _message(event_id: str, visitor: str, at: str, random: np.random.Generator) -> dict[str, object]:
    name = ("Product Viewed", "Product Added", "Products Searched")[int(random.choice(3, p=(0.7, 0.1, 0.2)))]
    sku = int(random.integers(400))
    told = {
        "product_id": f"sku-{sku}",
        "name": f"Shoes {sku}",
        "brand": "Aya",
        "category": "Shoes",
        "price": 59.9,
    }
    return {
        "messageId": event_id,
        "anonymousId": visitor,
        "timestamp": at,
        "type": "track",
        "event": name,
        "properties": {"query": f"shoes {sku % 20}"} if name == "Products Searched" else told,
        "context": {"page": {"url": f"https://shop.example/p/sku-{sku}"}, "library": {"name": "analytics.js"}},
    }


def _in_process(events: int) -> None:
    frame = pd.read_parquet(SAMPLE / "events.parquet", columns=list(EVENT_COLUMNS))
    frame = frame.sort_values(["occurred_at", "event_id"]).tail(events)
    table = pa.Table.from_pandas(frame, schema=EVENT_SCHEMA, preserve_index=False)
    items = pa.Table.from_pandas(pd.read_parquet(SAMPLE / "items.parquet"), schema=ITEM_SCHEMA, preserve_index=False)
    scorer = SessionScorer.load(SAMPLE / "model" / "finetuned")
    print(f"\n{'in process, events of the sample shop':38} {'events/s':>9} {'CPU us/event':>12} {'ratio':>7}")
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Warehouse.open(Settings(home=Path(folder) / "home", sample_shop=False))
        append_events(warehouse, EVENT_SCHEMA.empty_table(), items=items)
        rates = {}
        half = len(table) // 2
        for size, part in ((BATCH, table.slice(0, half)), (1, table.slice(half, min(1000, half)))):
            rates[size], cpu, tracker = _follow(warehouse, scorer, part, size)
            rows = f"followed in batches of {size}"
            if size == BATCH:
                lines = [(rows, rates[size], cpu)]
                memory = tracker.memory
            else:
                lines.append((rows, rates[size], cpu))
        base, base_cpu = _read_again(warehouse, scorer, table.slice(0, half).to_pylist()[-BASELINE_EVENTS:])
        print(f"{'whole visitor read again (baseline)':38} {base:9,.0f} {base_cpu:12.0f} {1.0:6.1f}x")
        for name, rate, cpu in lines:
            print(f"{name:38} {rate:9,.0f} {cpu:12.0f} {rate / base:6.1f}x")
        print(
            f"memory after the batches: {len(memory):,} visitors in {memory.nbytes / 2**20:.1f} MB "
            f"({memory.nbytes / max(len(memory), 1) / 1024:.1f} KB each)"
        )
        warehouse.close()


def _follow(
    warehouse: Warehouse, scorer: SessionScorer, table: pa.Table, size: int
) -> tuple[float, float, StreamTracker]:
    """Events a second and CPU (us) an event of following alone; each batch is committed before the clock starts."""
    tracker = StreamTracker(warehouse, media=None, budget_bytes=2**28)
    tracker.serve(scorer)
    took = cpu = 0.0
    for start in range(0, len(table), size):
        part = table.slice(start, size)
        append_events(warehouse, part)
        began, cpu_began = time.perf_counter(), time.thread_time()
        tracker.follow([Stored(part, ITEM_SCHEMA.empty_table())])
        took += time.perf_counter() - began
        cpu += time.thread_time() - cpu_began
    return len(table) / took, 1e6 * cpu / len(table), tracker


def _read_again(warehouse: Warehouse, scorer: SessionScorer, events: list[dict[str, object]]) -> tuple[float, float]:
    tracker = IntentTracker(warehouse, lambda: scorer, media=None)
    began, cpu_began = time.perf_counter(), time.thread_time()
    for event in events:
        tracker.intent_of_visitor(str(event["visitor_id"]))
    return len(events) / (time.perf_counter() - began), 1e6 * (time.thread_time() - cpu_began) / len(events)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Event to intent: waits over HTTP, rates in batches.")
    parser.add_argument("--seconds", type=float, default=30.0, help="length of each phase over HTTP")
    parser.add_argument("--events", type=int, default=20_000, help="events followed in process")
    parser.add_argument("--only-in-process", action="store_true")
    parser.add_argument("--load", type=int, default=0, help=argparse.SUPPRESS)  # the generator's own process: the port
    parser.add_argument("--path", default="", help=argparse.SUPPRESS)
    parser.add_argument("--batch", type=int, default=1, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
