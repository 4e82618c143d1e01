"""Events from NATS JetStream against the same by HTTP: `python -m tests.benchmarks.bench_broker`.

A real NATS server keeps the messages before the clock starts; the clock runs from the start of reading until all are
in the warehouse and acknowledged. Phases: one event a message, then batches of 100 a message. The baseline is the
collector over HTTP with batches of 100 (`bench_collect`). All of it on one machine.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

import nats
import psutil

from core.settings import Settings
from core.store.frames import read_value
from core.store.warehouse import Warehouse
from tests.app.api.process import ServerProcess
from tests.benchmarks.bench_collect import BATCH_CLIENTS, _bodies, _run_load
from tests.core.collect.broker.nats_server import SUBJECT, NatsServer

BATCH = 100
AT_ONCE = 500
"""Publishes whose confirmations are waited for together."""


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description="Throughput of reading from NATS JetStream.")
    parser.add_argument("--events", type=int, default=200_000, help="events of each phase")
    parser.add_argument("--seconds", type=float, default=30.0, help="length of the HTTP baseline")
    arguments = parser.parse_args()
    print(f"{'phase':34} {'events/s':>9} {'messages/s':>10} {'CPU us/event':>12} {'ratio':>6}")
    with tempfile.TemporaryDirectory() as folder:
        baseline = _http(Path(folder) / "http", arguments.seconds)
        for name, batch in (("JetStream, one event a message", 1), ("JetStream, batches of 100", BATCH)):
            _broker(Path(folder) / f"batch-{batch}", name, batch, arguments.events, baseline)


def _http(home: Path, seconds: float) -> float:
    server = ServerProcess(home).start()
    try:
        figures = _run_load(server, BATCH, BATCH_CLIENTS, seconds, [])
    finally:
        server.end()
    _say("HTTP, batches of 100", figures["events_s"], figures["requests_s"], figures["cpu_us"], 1.0)
    return figures["events_s"]


def _broker(folder: Path, name: str, batch: int, events: int, baseline: float) -> None:
    broker = NatsServer(folder / "nats").start()
    home = folder / "home"
    try:
        broker.make_stream()
        asyncio.run(_publish(broker.url, batch, events // batch))
        home.mkdir(parents=True)
        (home / "intentlens.toml").write_text(f'broker_url = "{broker.url}"\n', encoding="utf-8")
        began = time.perf_counter()
        server = ServerProcess(home).start()
        try:
            started = time.perf_counter()
            asyncio.run(_until_acknowledged(broker.url))
            took = time.perf_counter() - started
            spent = _cpu_s(server)
        finally:
            server.end()
    finally:
        broker.kill()
    warehouse = Warehouse.open(Settings(home=home, sample_shop=False))
    stored = int(read_value(warehouse, "SELECT count(*) FROM events"))
    warehouse.close()
    assert stored == events // batch * batch, stored
    _say(name, stored / took, stored / batch / took, 1e6 * spent / stored, stored / took / baseline)
    print(f"  (with the server's start of {started - began:.1f} s: {stored / (took + started - began):,.0f} events/s)")


async def _publish(url: str, batch: int, messages: int) -> None:
    client = await nats.connect(url)
    stream = client.jetstream(publish_async_max_pending=2 * AT_ONCE)
    bodies = _bodies(batch, 0)
    for start in range(0, messages, AT_ONCE):
        size = min(AT_ONCE, messages - start)
        await asyncio.gather(*[await stream.publish_async(SUBJECT, next(bodies)) for _ in range(size)])
    await client.close()


async def _until_acknowledged(url: str) -> None:
    client = await nats.connect(url)
    settings = Settings()
    try:
        while True:
            await asyncio.sleep(0.1)
            try:
                about = await client.jetstream().consumer_info(settings.broker_stream, settings.broker_consumer)
            except nats.js.errors.NotFoundError:
                continue
            if not about.num_pending and not about.num_ack_pending:
                return
    finally:
        await client.close()


def _cpu_s(server: ServerProcess) -> float:
    times = psutil.Process(server.process.pid).cpu_times()
    return float(times.user + times.system)


def _say(name: str, events_s: float, messages_s: float, cpu_us: float, ratio: float) -> None:
    print(f"{name:34} {events_s:9,.0f} {messages_s:10,.0f} {cpu_us:12.0f} {ratio:6.2f}", flush=True)


if __name__ == "__main__":
    main()
