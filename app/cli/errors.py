"""How every failure leaves the command line: one plain sentence or one JSON object on stderr, never a traceback."""

import json
import re
import sys
from collections.abc import Sequence
from typing import Any

import click

from core.errors import IntentLensError, JobStoppedError

FAILED = 1
STOPPED = 130
"""What shells expect of a command that Ctrl+C ended."""


class ReportingGroup(click.Group):
    """The root command: runs a command and turns what went wrong into words and an exit code."""

    def main(self, args: Sequence[str] | None = None, *others: Any, **options: Any) -> Any:
        """Run and exit: 0 after success, 1 after an error of ours, 2 when called wrongly, 130 when stopped."""
        given = list(sys.argv[1:] if args is None else args)
        as_json = "--json" in given
        try:
            code = super().main(given, *others, **(options | {"standalone_mode": False}))
        except click.UsageError as error:
            _tell_usage(error, as_json=as_json)
            code = error.exit_code
        except click.Abort:
            tell_error("stopped", "Stopped.", as_json=as_json)
            code = STOPPED
        except IntentLensError as error:
            tell_error(code_of(error), str(error), as_json=as_json)
            code = STOPPED if isinstance(error, JobStoppedError) else FAILED
        except OSError as error:
            tell_error("file", _words_of(error), as_json=as_json)
            code = FAILED
        sys.exit(code or 0)


def code_of(error: IntentLensError) -> str:
    """`NoModelError` → `no_model`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__.removesuffix("Error")).lower()


def tell_error(code: str, message: str, *, as_json: bool) -> None:
    """Say on stderr what went wrong, in the error shape of the API when a machine asked."""
    about = {"error": {"code": code, "message": message}}
    click.echo(json.dumps(about, ensure_ascii=False) if as_json else f"Error: {message}", err=True)


def _tell_usage(error: click.UsageError, *, as_json: bool) -> None:
    if as_json:
        tell_error("usage", error.format_message(), as_json=True)
    else:
        error.show()


def _words_of(error: OSError) -> str:
    named = f"'{error.filename}': " if error.filename else ""
    return f"{named}{error.strerror or error}. Check that the path exists, may be written and has room."
