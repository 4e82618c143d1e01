"""What the featurizer learned from the shop: known values of each open column, scales, price levels."""

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import BrokenCheckpointError
from core.events.schema import EVENT_TYPES
from core.model.fields import CODE_COLUMNS, FIRST_ID, MISSING_ID, NUMBER_COLUMNS, UNKNOWN_ID

VOCABULARY_FILE = "vocabulary.json"
VOCABULARY_VERSION = 1
_SIZE = {column.name: column.size for column in CODE_COLUMNS}
_EVENT_TYPE_ID = {name: FIRST_ID + index for index, name in enumerate(EVENT_TYPES)}


def bucket(column: str, value: str) -> int:
    """The hash bucket of a value: stable over processes, machines and versions."""
    return FIRST_ID + zlib.crc32(value.encode()) % (_SIZE[column] - FIRST_ID)


@dataclass(frozen=True)
class Vocabulary:
    """Known hash buckets by open column, mean and spread by number column, median log price by category.

    left_out: names of fields or columns that the model must not read; see core/model/left_out.py.
    """

    known: dict[str, frozenset[int]]
    means: tuple[float, ...]
    spreads: tuple[float, ...]
    category_prices: dict[str, float]
    left_out: tuple[str, ...] = ()

    def code(self, column: str, value: str | None) -> int:
        """The code of a value: MISSING_ID for none, UNKNOWN_ID for one whose bucket was empty in training."""
        if not value:
            return MISSING_ID
        if column == "event_type":
            return _EVENT_TYPE_ID.get(value, UNKNOWN_ID)
        code = bucket(column, value)
        return code if code in self.known[column] else UNKNOWN_ID

    def codes(self, column: str, values: Iterable[str]) -> list[int]:
        """Codes of distinct values, one call a column."""
        return [self.code(column, value) for value in values]

    def save(self, folder: Path) -> None:
        """Write vocabulary.json."""
        payload = {
            "version": VOCABULARY_VERSION,
            "columns": {column.name: column.size for column in CODE_COLUMNS},
            "known": {name: sorted(buckets) for name, buckets in sorted(self.known.items())},
            "means": self.means,
            "spreads": self.spreads,
            "category_prices": self.category_prices,
            "left_out": self.left_out,
        }
        (folder / VOCABULARY_FILE).write_text(json.dumps(payload, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Vocabulary":
        """Read vocabulary.json.

        Raises:
            BrokenCheckpointError: missing, damaged or of another version.
        """
        path = folder / VOCABULARY_FILE
        try:
            return cls._parse(json.loads(path.read_text(encoding="utf-8")), path)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise BrokenCheckpointError(f"{path} cannot be read ({error}); train or import the model again.") from error

    @classmethod
    def _parse(cls, payload: dict[str, Any], path: Path) -> "Vocabulary":
        if payload["version"] != VOCABULARY_VERSION or payload["columns"] != _SIZE:
            raise BrokenCheckpointError(
                f"{path} is of version '{payload['version']}' or has other columns, expected version "
                f"{VOCABULARY_VERSION}; train the model again with this IntentLens."
            )
        if not len(payload["means"]) == len(payload["spreads"]) == len(NUMBER_COLUMNS):
            raise BrokenCheckpointError(f"{path} lacks number columns; train the model again.")
        return cls(
            known={name: frozenset(buckets) for name, buckets in payload["known"].items()},
            means=tuple(payload["means"]),
            spreads=tuple(payload["spreads"]),
            category_prices=dict(payload["category_prices"]),
            left_out=tuple(payload.get("left_out", ())),
        )
