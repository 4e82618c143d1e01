"""How long a server takes from its command to the first answer, the first page and a ready model.

Run: .venv/bin/python -m tests.benchmarks.bench_start
Three starts each: an empty data folder that loads the sample shop, and the same folder again. The ratio's baseline is
`python -c "import streamlit"` in the same run.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.browser.chromium import running_browser, wait_until_settled
from tests.browser.server import Server

ROUNDS = 3


def main() -> None:
    """Print one Markdown table."""
    baseline = statistics.median(_seconds(_import_streamlit) for _ in range(ROUNDS))
    rows = [_measure(number) for number in range(ROUNDS)]
    names = ["first start: first answer", "first start: first page", "first start: shop and model ready"]
    names += ["later start: first answer", "later start: first page", "later start: model ready"]
    print("| what | median s | ÷ importing streamlit |\n|---|---|---|")
    print(f"| importing streamlit (baseline) | {baseline:.2f} | 1.0 |")
    for name, values in zip(names, zip(*rows, strict=True), strict=True):
        middle = statistics.median(values)
        print(f"| {name} | {middle:.2f} | {middle / baseline:.1f} |")


def _measure(number: int) -> list[float]:
    with tempfile.TemporaryDirectory(prefix=f"intentlens-start-{number}-") as folder:
        return _start_times(Path(folder) / "home") + _start_times(Path(folder) / "home")


def _start_times(home: Path) -> list[float]:
    """Seconds to the first answer, to the first settled page and to a ready model."""
    server = Server(home, sample_shop=True)
    started = time.perf_counter()
    try:
        server.start()
        answered = time.perf_counter() - started
        with running_browser() as browser:
            page_started = time.perf_counter()
            page = browser.new_page()
            page.goto(server.url)
            wait_until_settled(page)
            first_page = answered + time.perf_counter() - page_started
        server.wait_for("/readyz", 120)
        return [answered, first_page, time.perf_counter() - started]
    finally:
        server.stop()


def _import_streamlit() -> None:
    subprocess.run([sys.executable, "-c", "import streamlit"], check=True)


def _seconds(act: Callable[[], None]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
