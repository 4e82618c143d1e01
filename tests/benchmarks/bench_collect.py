"""Collecting over HTTP, durable before the answer: `python -m tests.benchmarks.bench_collect`.

A real server and a load generator of raw sockets, each in a process of its own, on the same machine. Phases: batches
of 100 from CLIENTS connections, then single events, then batches while a page of the app is loaded again and again in
Chromium. The baseline is the path of before, in the same process as the measurement and without HTTP: each request
cleaned alone and `append_events`, sessions within the commit. With `--stored N …` the table is measured once for each
N, with so many events in the file before (written by SQL).
"""

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil

from core.clock import utc_now
from core.collect.collector import Post, collect
from core.collect.dialects import SEGMENT
from core.settings import Settings
from core.store.ingest_queries import append_events, rebuild_sessions
from core.store.warehouse import Warehouse
from tests.app.api.process import ServerProcess
from tests.browser.chromium import running_browser, wait_until_settled

BATCH = 100
BATCH_CLIENTS = 12
SINGLE_CLIENTS = 32
VISITORS = 20_000
BASELINE_BATCHES = 20
_MEGABYTE = 2**20


def main() -> None:
    """Print one table of rates and waits and one of the server's memory."""
    arguments = _arguments()
    if arguments.load:
        _load(arguments.load, arguments.batch, arguments.clients, arguments.seconds)
        return
    with tempfile.TemporaryDirectory() as folder:
        baseline = _baseline(Path(folder) / "baseline")
        for stored in arguments.stored:
            home = Path(folder) / f"home-{stored}"
            _prepare(home, stored)
            server = ServerProcess(home).start()
            try:
                _measure(server, arguments.seconds, baseline)
            finally:
                server.end()
            shutil.rmtree(home)


def _prepare(home: Path, stored: int) -> None:
    """Fill the file and say what it took."""
    began = time.perf_counter()
    if stored:
        _fill(home, stored)
    size = (home / "warehouse.duckdb").stat().st_size // _MEGABYTE if stored else 0
    print(
        f"\n{stored:,} events stored before ({size:,} MB, written in {time.perf_counter() - began:.0f} s)", flush=True
    )


def _measure(server: ServerProcess, seconds: float, baseline: float) -> None:
    head = f"{'phase':34} {'events/s':>9} {'requests/s':>10} {'p50 ms':>8} {'p99 ms':>8}"
    print(head + f" {'failed':>7} {'ratio':>7} {'CPU us/event':>12}")
    print(f"{'each request alone, without HTTP':34} {baseline:9,.0f} {baseline / BATCH:10,.1f}")
    memory: list[int] = []
    for name, batch, clients in (("batches of 100", BATCH, BATCH_CLIENTS), ("single events", 1, SINGLE_CLIENTS)):
        figures = _run_load(server, batch, clients, seconds, memory)
        _say(name, figures, baseline)
    pages: list[float] = []
    stop = threading.Event()
    browser = threading.Thread(target=_browse, args=(server.url, stop, pages))
    browser.start()
    _say("batches of 100, pages opened", _run_load(server, BATCH, 4, seconds, memory), baseline)
    stop.set()
    browser.join()
    if pages:
        pages = pages[1:] or pages
        print(f"page loads meanwhile: {len(pages)}, p50 {_share(pages, 0.5):.2f} s, p95 {_share(pages, 0.95):.2f} s")
    print("server's memory (MB), every 2 s:", " ".join(f"{size // _MEGABYTE}" for size in memory))


def _say(name: str, figures: dict[str, float], baseline: float) -> None:
    print(
        f"{name:34} {figures['events_s']:9,.0f} {figures['requests_s']:10,.1f} {figures['p50_ms']:8.1f} "
        f"{figures['p99_ms']:8.1f} {figures['failed']:7.0f} {figures['events_s'] / baseline:6.1f}x "
        f"{figures['cpu_us']:12.0f}",
        flush=True,
    )


def _run_load(server: ServerProcess, batch: int, clients: int, seconds: float, memory: list[int]) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.bench_collect", "--load", str(server.port)]
    command += ["--batch", str(batch), "--clients", str(clients), "--seconds", str(seconds)]
    loader = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    process = psutil.Process(server.process.pid)
    before = process.cpu_times()
    while loader.poll() is None:
        memory.append(process.memory_info().rss)
        time.sleep(2)
    assert loader.stdout is not None
    figures: dict[str, float] = json.loads(loader.stdout.read())
    after = process.cpu_times()
    spent = after.user + after.system - before.user - before.system
    figures["cpu_us"] = 1e6 * spent / max(figures["events_s"] * seconds, 1.0)
    return figures


def _load(port: int, batch: int, clients: int, seconds: float) -> None:
    """The load generator: closed-loop connections over raw sockets, bodies made before the clock starts where cheap."""
    waits: list[list[float]] = [[] for _ in range(clients)]
    failed = [0] * clients
    end = time.monotonic() + seconds
    threads = [
        threading.Thread(target=_send_until, args=(port, batch, number, end, waits[number], failed))
        for number in range(clients)
    ]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - began
    everything = [wait for of_client in waits for wait in of_client]
    requests = len(everything)
    print(
        json.dumps(
            {
                "events_s": requests * batch / took,
                "requests_s": requests / took,
                "p50_ms": _share(everything, 0.5) * 1000,
                "p99_ms": _share(everything, 0.99) * 1000,
                "failed": sum(failed),
            }
        )
    )


def _send_until(port: int, batch: int, number: int, end: float, waits: list[float], failed: list[int]) -> None:
    path = b"/v1/batch" if batch > 1 else b"/v1/track"
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for body in _bodies(batch, number):
            if time.monotonic() >= end:
                return
            head = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (path, len(body))
            began = time.monotonic()
            connection.sendall(head + body)
            answer = _read_answer(connection)
            waits.append(time.monotonic() - began)
            if not answer.startswith(b"HTTP/1.1 200"):
                failed[number] += 1


def _read_answer(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return data


def _bodies(batch: int, number: int) -> Iterator[bytes]:
    """Bodies without end, each with ids, visitors and times of its own put into one template."""
    template = json.dumps(_message("@ID@", "@VISITOR@", "@AT@"))
    before, id_after, visitor_after, tail = _cut(template)
    run = uuid.uuid4().hex[:20]
    count = number * 7919
    while True:
        at = utc_now().isoformat(timespec="milliseconds") + "Z"
        parts = []
        for place in range(batch):
            count += 1
            visitor = f"v-{(count // 5) * 31 % VISITORS}"
            parts.append(f"{before}{run}-{number}-{count}-{place}{id_after}{visitor}{visitor_after}{at}{tail}")
        yield (f'{{"batch":[{",".join(parts)}],"sentAt":"{at}"}}' if batch > 1 else parts[0]).encode()


def _cut(template: str) -> tuple[str, str, str, str]:
    before, rest = template.split("@ID@")
    id_after, rest = rest.split("@VISITOR@")
    visitor_after, tail = rest.split("@AT@")
    return before, id_after, visitor_after, tail


def _message(event_id: str, visitor: str, at: str) -> dict[str, object]:
    """What a shop's page sends of a product view."""
    return {
        "messageId": event_id,
        "anonymousId": visitor,
        "timestamp": at,
        "type": "track",
        "event": "Product Viewed",
        "properties": {"product_id": "sku-1042", "brand": "Aya", "category": "Shoes", "price": 59.9, "variant": "blue"},
        "context": {
            "page": {"url": "https://shop.example/p/sku-1042", "referrer": "https://shop.example/"},
            "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
            "library": {"name": "analytics.js", "version": "4.1.0"},
        },
    }


def _baseline(home: Path) -> float:
    """Events per second of the path of before: each request of 100 alone, sessions within its commit."""
    warehouse = Warehouse.open(Settings(home=home, sample_shop=False))
    bodies = _bodies(BATCH, 0)
    began = time.perf_counter()
    for _ in range(BASELINE_BATCHES):
        messages = json.loads(next(bodies))["batch"]
        collected = collect([Post(messages, SEGMENT, "segment", utc_now())])
        append_events(warehouse, collected.events, rejected=collected.rejected, items=collected.items)
    took = time.perf_counter() - began
    warehouse.close()
    return BASELINE_BATCHES * BATCH / took


def _fill(home: Path, events: int) -> None:
    """So many events of half a million visitors, with random ids as trackers make them."""
    warehouse = Warehouse.open(Settings(home=home, sample_shop=False))
    query = """
        INSERT INTO events BY NAME
        SELECT md5(i::VARCHAR) AS event_id, TIMESTAMP '2026-01-01' + to_milliseconds(i * 200) AS occurred_at,
            occurred_at AS received_at, 'old-' || hash(i) % 500000 AS visitor_id, 'view' AS event_type,
            'sku-' || i % 10000 AS item_id, FALSE AS session_given, 'segment' AS source, 59.9 AS price
        FROM range(?, ?) AS numbers(i)
    """
    for start in range(0, events, 250_000):
        warehouse.write(lambda cursor, at=start: cursor.execute(query, [at, min(at + 250_000, events)]).fetchall())
    rebuild_sessions(warehouse)
    warehouse.close()


def _browse(url: str, stop: threading.Event, times: list[float]) -> None:
    """Open the overview again and again, until it stands; the first time, the browser's own start, is left out."""
    with running_browser() as browser:
        page = browser.new_page()
        while not stop.is_set():
            began = time.monotonic()
            page.goto(url, timeout=60_000)
            wait_until_settled(page)
            times.append(time.monotonic() - began)
            stop.wait(0.5)


def _share(values: list[float], share: float) -> float:
    if len(values) < 2:
        return values[0] if values else float("nan")
    return statistics.quantiles(values, n=1000, method="inclusive")[round(share * 1000) - 1]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Rates and waits of collecting over HTTP.")
    parser.add_argument("--seconds", type=float, default=60.0, help="length of each phase")
    parser.add_argument(
        "--stored", type=int, nargs="+", default=[0], help="events in the file before; a table for each"
    )
    parser.add_argument("--load", type=int, default=0, help=argparse.SUPPRESS)  # the generator's own process: the port
    parser.add_argument("--batch", type=int, default=BATCH, help=argparse.SUPPRESS)
    parser.add_argument("--clients", type=int, default=BATCH_CLIENTS, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
