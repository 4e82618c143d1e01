"""What an import tells while it goes on and when it ends."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ImportProgress:
    """How far an import is; `rows_estimate` is None when nobody can say. Phases: reading, sessions, finished."""

    phase: str
    rows_read: int = 0
    rows_estimate: int | None = None
    added: int = 0
    duplicates: int = 0
    rejected: int = 0


@dataclass(frozen=True)
class ImportResult:
    """What an import did; `report` is the cleaning report as JSON. `stopped`: asked to stop before the end."""

    import_id: str
    rows_read: int
    added: int
    duplicates: int
    rejected: int
    report: dict[str, Any]
    stopped: bool = False
