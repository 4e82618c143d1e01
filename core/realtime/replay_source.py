"""What a replay can play: the sample shop, all stored events or one import, whole or a span of time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.errors import InvalidReplayError, UnreadableFileError
from core.events.synthetic import sample_folder
from core.store.replay_queries import CHUNK, Span, stored_chunks, stored_span
from core.store.warehouse import Warehouse

SourceKind = Literal["sample", "stored", "import"]


@dataclass(frozen=True)
class ReplaySource:
    """Which events; `start` (inclusive) and `end` cut them, naive UTC.

    Raises:
        InvalidReplayError: an import without its id, or an end before the start.
    """

    kind: SourceKind = "sample"
    import_id: str | None = None
    start: datetime | None = None
    end: datetime | None = None

    def __post_init__(self) -> None:
        if (self.kind == "import") != (self.import_id is not None):
            raise InvalidReplayError(f"import_id is '{self.import_id}', expected one for an import and none otherwise.")
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise InvalidReplayError(f"The end '{self.end}' is not after the start '{self.start}'.")

    def span(self, warehouse: Warehouse) -> Span:
        """How many events, from when to when."""
        if self.kind != "sample":
            return stored_span(warehouse, self.import_id, self.start, self.end)
        at = self._sample()["occurred_at"]
        return Span(len(at), pc.min(at).as_py(), pc.max(at).as_py())

    def chunks(self, warehouse: Warehouse) -> Iterator[list[dict[str, Any]]]:
        """The events by EVENT_COLUMNS, in order, some thousand at a time."""
        if self.kind != "sample":
            yield from stored_chunks(warehouse, self.import_id, self.start, self.end)
            return
        events = self._sample()
        for start in range(0, len(events), CHUNK):
            yield events.slice(start, CHUNK).to_pylist()

    def _sample(self) -> pa.Table:
        events = _sample_events()
        at = events["occurred_at"]
        if self.start is not None:
            events = events.filter(pc.greater_equal(at, pa.scalar(self.start, at.type)))
        if self.end is not None:
            events = events.filter(pc.less(events["occurred_at"], pa.scalar(self.end, at.type)))
        return events


@lru_cache(maxsize=1)
def _sample_events() -> pa.Table:
    path = sample_folder() / "events.parquet"
    try:
        events = pq.read_table(path)
    except (OSError, ValueError) as error:
        raise UnreadableFileError(f"The sample shop '{path}' cannot be read ({error}); fetch a fresh copy.") from error
    return events.sort_by([("occurred_at", "ascending"), ("event_id", "ascending")])
