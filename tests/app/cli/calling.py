"""Calling the command line: inside the test's process, or as a process of its own where that matters."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from app.cli.main import main


def call(home: Path | None, *arguments: str) -> Result:
    """Run `intentlens` in this process; stdout and stderr are kept apart."""
    environment = {"INTENTLENS_HOME": str(home) if home else None}
    return CliRunner().invoke(main, arguments, env=environment)


def told(result: Result) -> dict[str, Any]:
    """The one JSON object of a command that succeeded."""
    assert result.exit_code == 0, result.stderr
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def error_of(result: Result) -> dict[str, str]:
    """The JSON error of a command that failed."""
    assert result.exit_code != 0
    assert result.exception is None or isinstance(result.exception, SystemExit)
    about: dict[str, str] = json.loads(result.stderr)["error"]
    return about


def start(home: Path, *arguments: str) -> "subprocess.Popen[str]":
    """Start `intentlens` as a process; output is read by communicate()."""
    return subprocess.Popen(
        [sys.executable, "-m", "app.cli.main", *arguments],
        env=os.environ | {"INTENTLENS_HOME": str(home), "INTENTLENS_SAMPLE_SHOP": "false"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
