"""The skeleton of a format: how annotations are written for a tool, and read back from it."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from core.errors import InvalidAnnotationError
from core.intents.taxonomy import Intent
from core.store.warehouse import Warehouse

Values = dict[str, Any]
"""The canonical line: target_kind, session_id, event_id, intent, annotator, created_at, status, lead_time_ms, note,
client_id, suggestion, guideline_version; what is not known is absent or None."""


@dataclass(frozen=True)
class Line:
    """One annotation found in a file, or why there is none.

    number: of its line, row or task, from 1. raw: what stood there, for the report of rejected lines.
    """

    number: int
    values: Values | None
    raw: str
    reason: str = ""


class Format(ABC):
    """One format; `exports` and `imports` say which ways it goes."""

    name: ClassVar[str]
    title: ClassVar[str]
    ending: ClassVar[str]
    mime: ClassVar[str]
    exports: ClassVar[bool] = True
    imports: ClassVar[bool] = True
    is_folder: ClassVar[bool] = False
    keeps_skipped: ClassVar[bool] = True
    """False: only labels that give an intent are written, since the format is for training."""

    def write(self, warehouse: Warehouse, intents: tuple[Intent, ...], path: Path) -> int:
        """Write the current annotations a few at a time; returns how many were written.

        Args:
            intents: all of the taxonomy, in order.
        """
        raise InvalidAnnotationError(f"'{self.name}' can only be read, expected a format that is written.")

    def read(self, path: Path) -> Iterator[Line]:
        """The annotations of a file, one at a time.

        Raises:
            UnreadableFileError: the file as a whole is not of this format.
        """
        raise InvalidAnnotationError(f"'{self.name}' can only be written, expected a format that is read.")

    @abstractmethod
    def recognizes(self, record: Mapping[str, Any]) -> bool:
        """Whether a file whose first record is this one is of the format."""

    def companion(self, intents: tuple[Intent, ...]) -> tuple[str, str] | None:
        """A second small file that the tool wants (ending, content): its settings for these intents."""
        return None
