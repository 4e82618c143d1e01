"""Importing a zip archive of item pictures: a file each in the media folder, its name in the item's row."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import pyarrow as pa

from core.errors import IntentLensError, WarehouseWriteError
from core.events.cleaning import REJECTED_SCHEMA
from core.events.schema import EVENT_SCHEMA
from core.importers.pictures import Picture, RefusedPicture, picture_names, read_pictures
from core.importers.source import file_sha256
from core.store import import_queries
from core.store.import_result import ImportProgress, ImportResult
from core.store.ingest_queries import append_events
from core.store.warehouse import Warehouse

AT_ONCE = 500
"""Pictures kept in one transaction."""


def import_pictures(
    warehouse: Warehouse,
    path: Path,
    *,
    file_name: str | None = None,
    progress: Callable[[ImportProgress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> ImportResult:
    """Keep an archive's pictures as those of its items; a picture that is there already is a duplicate.

    Raises:
        UnreadableFileError: it is no archive of pictures; WarehouseWriteError: the disk is full, what was told stays.
    """
    total = len(picture_names(path))
    record = {"preset": "pictures"}
    import_id = import_queries.start_import(warehouse, file_name or path.name, record, file_sha256(path))
    run = _Run(warehouse, import_id, total, progress or (lambda _: None))
    try:
        stopped = run.read(path, should_stop or (lambda: False))
    except IntentLensError as error:
        import_queries.finish_import(warehouse, import_id, "failed", {"error": str(error)})
        raise
    report = {"pictures": run.added, "rejected": dict(run.reasons)}
    import_queries.finish_import(warehouse, import_id, "stopped" if stopped else "finished", report)
    run.tell_phase("finished")
    return ImportResult(import_id, run.rows_read, run.added, run.duplicates, run.rejected, report, stopped)


def store_pictures(warehouse: Warehouse, pictures: Iterable[Picture]) -> int:
    """Keep the pictures; returns for how many items the picture is new or another than before.

    Raises:
        WarehouseWriteError: the media folder cannot be written.
    """
    images: dict[str, str] = {}
    for picture in pictures:
        _write(warehouse.settings.media_folder / picture.name, picture.png)
        images[picture.item_id] = picture.name
    return import_queries.set_item_images(warehouse, images)


@dataclass
class _Run:
    """One import of pictures going on."""

    warehouse: Warehouse
    import_id: str
    total: int
    tell: Callable[[ImportProgress], None]
    rows_read: int = 0
    added: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def rejected(self) -> int:
        return self.reasons.total()

    @property
    def duplicates(self) -> int:
        return self.rows_read - self.added - self.rejected

    def read(self, path: Path, should_stop: Callable[[], bool]) -> bool:
        """Keep all pictures; True when asked to stop before the end."""
        members = read_pictures(path)
        while batch := list(islice(members, AT_ONCE)):
            self._keep(batch)
            if should_stop():
                return True
        return False

    def tell_phase(self, phase: str) -> None:
        self.tell(ImportProgress(phase, self.rows_read, self.total, self.added, self.duplicates, self.rejected))

    def _keep(self, batch: list[Picture | RefusedPicture]) -> None:
        refused = [member for member in batch if isinstance(member, RefusedPicture)]
        self.added += store_pictures(self.warehouse, _pictures(batch))
        _keep_refused(self.warehouse, refused, self.import_id)
        self.rows_read += len(batch)
        self.reasons.update(member.reason for member in refused)
        import_queries.update_import(
            self.warehouse,
            self.import_id,
            rows_read=self.rows_read,
            added=self.added,
            duplicates=self.duplicates,
            rejected=self.rejected,
        )
        self.tell_phase("reading")


def _pictures(batch: list[Picture | RefusedPicture]) -> Iterator[Picture]:
    return (member for member in batch if isinstance(member, Picture))


def _write(path: Path, png: bytes) -> None:
    """Whole or not at all: a picture cut short by a crash would be taken for the real one."""
    if path.exists():
        return
    half = path.with_suffix(".part")
    try:
        half.write_bytes(png)
        os.replace(half, path)
    except OSError as error:
        raise WarehouseWriteError(
            f"The picture '{path.name}' cannot be written to '{path.parent}' ({error}); free space and import again."
        ) from error


def _keep_refused(warehouse: Warehouse, refused: list[RefusedPicture], import_id: str) -> None:
    if not refused:
        return
    rows = [
        {"reason": member.reason, "field": "image", "value": member.file_name, "raw": member.message}
        for member in refused
    ]
    rejected = pa.Table.from_pylist(rows, schema=REJECTED_SCHEMA)
    append_events(warehouse, EVENT_SCHEMA.empty_table(), rejected=rejected, import_id=import_id, rebuild_sessions=False)
