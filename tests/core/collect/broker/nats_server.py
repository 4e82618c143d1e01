"""A real NATS server with JetStream, in a process of its own, and what tests say to it."""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests import coroutines
from tests.browser.server import free_port

T = TypeVar("T")
SUBJECT = "intentlens.events"
NO_SERVER = "no nats-server here; run: apt-get install nats-server"


def program() -> str | None:
    """Debian puts it where a user's path may not look."""
    return shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin:/usr/local/bin")


class NatsServer:
    """Keeps its streams in a folder, so that a killed one can be started again on them."""

    def __init__(self, folder: Path) -> None:
        if program() is None:
            pytest.skip(NO_SERVER)
        self.folder = folder
        self.port = free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "NatsServer":
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [str(program()), "-js", "-sd", str(self.folder), "-a", "127.0.0.1", "-p", str(self.port)]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.02)
        raise TimeoutError((self.folder / "server.log").read_text())

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)

    def call(self, ask: Callable[[Any], Awaitable[T]]) -> T:
        """What `ask` answers, given a JetStream context of a connection of its own."""
        import nats

        async def run() -> T:
            client = await nats.connect(self.url)
            try:
                return await ask(client.jetstream())
            finally:
                await client.close()

        return coroutines.run(run())

    def make_stream(self, stream: str = "INTENTLENS", subject: str = "intentlens.>") -> None:
        self.call(lambda jetstream: jetstream.add_stream(name=stream, subjects=[subject]))

    def publish(self, bodies: Sequence[Any], headers: dict[str, str] | None = None) -> None:
        """Publish each body (bytes as they are, anything else as JSON) and wait until all are in the stream."""

        async def ask(jetstream: Any) -> None:
            for body in bodies:
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                await jetstream.publish(SUBJECT, data, headers=headers)

        self.call(ask)


def wait_until(holds: Callable[[], bool], what: str, timeout_s: float = 60.0) -> None:
    end = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < end, f"not within {timeout_s} s: {what}"
        time.sleep(0.02)
