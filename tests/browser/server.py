"""A real server of the product in a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

START_TIMEOUT_S = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`intentlens serve` on a free port with a data folder of its own."""

    def __init__(self, home: Path, *, sample_shop: bool, port: int | None = None) -> None:
        self.home = home
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._sample_shop = sample_shop
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Server":
        self.home.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {
            "INTENTLENS_HOME": str(self.home),
            "INTENTLENS_SAMPLE_SHOP": str(self._sample_shop),
        }
        with (self.home / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "app.cli.main", "serve", "--port", str(self.port)],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.wait_for("/healthz", START_TIMEOUT_S)
        return self

    @property
    def process_id(self) -> int:
        assert self._process is not None
        return self._process.pid

    def wait_for(self, path: str, timeout_s: float) -> None:
        """Wait until the path answers 200.

        Raises:
            TimeoutError: it did not in time, with the end of the server's log.
        """
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(self.url + path, timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                if self._process is None or self._process.poll() is not None:
                    break
            time.sleep(0.1)
        raise TimeoutError(f"{self.url}{path} did not answer 200 within {timeout_s} s.\n{self.log()[-3000:]}")

    def log(self) -> str:
        return (self.home / "server.log").read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        """kill -9, as a power cut would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(60)
