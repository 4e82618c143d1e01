"""The API against its own document: schemathesis finds no answer that the document does not foresee."""

from pathlib import Path

import pytest

from tests.app.api.fuzzing import fuzz, fuzzed_server

EXAMPLES = 2
PHASES = ["--phases", "examples,fuzzing", "--no-shrink"]


@pytest.mark.slow
def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    with fuzzed_server(tmp_path) as url:
        done = fuzz(url, tmp_path, EXAMPLES, PHASES)
    assert "Tested: " in done.stdout, done.stderr
    assert done.returncode == 0, done.stdout[-6000:]
