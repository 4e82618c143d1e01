"""A real server process, started as the command line starts it."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.browser.server import free_port

START = "from core.settings import load_settings; from app.server import serve; serve(load_settings())"


class ServerProcess:
    """`serve(load_settings())` in a process of its own, on loopback, without the sample shop."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.started_at = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "ServerProcess":
        """Start it and wait for its first answer."""
        self.home.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {
            "INTENTLENS_HOME": str(self.home),
            "INTENTLENS_PORT": str(self.port),
            "INTENTLENS_SAMPLE_SHOP": "false",
        }
        self.started_at = time.monotonic()
        with (self.home / "server.log").open("ab") as log:
            self._process = subprocess.Popen([sys.executable, "-c", START], env=environment, stdout=log, stderr=log)
        while self._process.poll() is None and time.monotonic() - self.started_at < 60:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=2):
                    return self
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.02)
        raise TimeoutError(f"The server did not answer.\n{self.log()[-3000:]}")

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def log(self) -> str:
        return (self.home / "server.log").read_text(encoding="utf-8", errors="replace")

    def end(self, signal_number: int = signal.SIGTERM) -> int:
        """Send a signal and wait; the return code."""
        if self.process.poll() is None:
            self.process.send_signal(signal_number)
        return self.process.wait(60)
