"""A progress bar on stderr for a person at a terminal; silence for machines, pipes and logs."""

import sys
from types import TracebackType
from typing import Any

import click


class Progress:
    """One bar a phase, under the name of the work; a context that ends the line whatever happens."""

    def __init__(self, label: str, *, as_json: bool) -> None:
        self._label = label
        self._shown = not as_json and sys.stderr.isatty()
        self._bar: Any = None
        self._phase: str | None = None

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_line()

    def show(self, phase: str, done: int, total: int | None) -> None:
        """How far a phase is; a total of None is not known yet."""
        if not self._shown:
            return
        if phase != self._phase:
            self._end_line()
            self._phase = phase
            self._bar = click.progressbar(length=1, label=f"{self._label}: {phase}", file=sys.stderr)
        self._bar.length = max(total or done, 1)
        self._bar.update(min(done, self._bar.length) - self._bar.pos)

    def _end_line(self) -> None:
        if self._bar is not None:
            self._bar.render_finish()
            self._bar = None
