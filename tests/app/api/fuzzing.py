"""A server to be fuzzed against its own document: with an API key, a small model, a visitor, and streams that end.

By hand, longer than the suite has time for: `python -m tests.app.api.fuzzing 100 [more options of schemathesis]`.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx2

from app.context import close_context, start_context
from core.settings import Settings
from tests.app.api.messages import viewed
from tests.app.api.serving import serving
from tests.app.api.test_intent import register

KEY = "fuzz-key"
CONFIGURATION = """
[generation]
database = "none"

# A schema cannot say which times are possible, or which events need an item: those messages are refused by 400.
[[operations]]
include-tag = "Collect"
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "400"]

# Nor which urls lead somewhere, what is a secret, how given events must be, or which events and methods there are.
[[operations]]
include-operation-id = [
  "addWebhook", "changeWebhook", "askIntent", "explainPrediction", "live", "replay", "startStudy", "getDivergence",
]
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "404", "409"]
"""


@contextmanager
def fuzzed_server(folder: Path) -> Iterator[str]:
    """Its address."""
    settings = Settings(home=folder / "home", sample_shop=False, api_key=KEY)
    app_context = start_context(settings)
    app_context.starter.wait(60)
    register(app_context, folder)
    app_context.models.serving(60)
    with serving(app_context) as server:
        server.streams.end()
        batch = {"batch": [viewed(number) for number in range(4)]}
        httpx2.post(f"{server.url}/v1/batch", json=batch, headers={"X-API-Key": KEY}).raise_for_status()
        yield server.url
    for run in app_context.jobs.runs():
        app_context.jobs.stop(run.run_id)
        app_context.jobs.wait(run.run_id, timeout_s=60)
    close_context()


def fuzz(url: str, folder: Path, examples: int, options: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """Run schemathesis with all its checks, seeded."""
    configuration = folder / "schemathesis.toml"
    configuration.write_text(CONFIGURATION, encoding="utf-8")
    command = [str(Path(sys.executable).parent / "st"), "--config-file", str(configuration), "run"]
    asked = [f"{url}/v1/openapi.json", "--header", f"X-API-Key: {KEY}", "--max-examples", str(examples), "--seed", "1"]
    more = ["--checks", "all", "--no-color", *options]
    return subprocess.run([*command, *asked, *more], capture_output=True, text=True, cwd=folder, check=False)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name, fuzzed_server(Path(name)) as address:
        done = fuzz(address, Path(name), int(sys.argv[1]), sys.argv[2:])
        sys.stdout.write(done.stdout + done.stderr)
    sys.exit(done.returncode)
