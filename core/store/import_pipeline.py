"""Importing a file: read, map, clean and append batch by batch, with a record of what happened."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from core.errors import IntentLensError
from core.events.cleaning import REJECTED_SCHEMA, CleanBatch, CleaningReport, clean_table, table_of_rows
from core.events.schema import EVENT_SCHEMA
from core.importers.mapping import ColumnMapping, guess_mapping, mapping_from_json
from core.importers.nested import unpacked
from core.importers.pictures import is_archive
from core.importers.presets import PRESETS, Preset, detect_preset, get_preset
from core.importers.reader import open_source
from core.importers.source import BadLine, Source, file_sha256
from core.store import import_queries
from core.store.import_pictures import import_pictures
from core.store.import_result import ImportProgress, ImportResult
from core.store.ingest_queries import AppendCount, append_events, rebuild_sessions, submit_events
from core.store.rejected_queries import count_left_out_rows
from core.store.warehouse import Warehouse

__all__ = ["ImportProgress", "ImportResult", "Plan", "import_file", "plan_import", "recover_imports"]

TABLE_ROWS = 100_000
OBJECT_ROWS = 10_000
"""Rows of a batch: as columns, or as parsed objects, which take more memory."""

EVENTS_A_REBUILD = 500_000
"""About how many new events have their sessions derived in one go."""

_running: set[str] = set()
"""The imports going on in this process: they are not to be taken for what a crash left."""


@dataclass(frozen=True)
class Plan:
    """How a file's rows become ours: by a preset, by a mapping, or both."""

    source: Source
    preset: Preset | None
    mapping: ColumnMapping

    @property
    def name(self) -> str:
        """What the events' `source` column will say."""
        return self.preset.name if self.preset else self.source.format


def plan_import(path: Path, mapping: ColumnMapping | str | None = None) -> Plan:
    """Open a file and decide how to map it: as told (a mapping, its JSON, a preset's name), or as it looks.

    Raises:
        UnreadableFileError, ColumnMappingError.
    """
    source = open_source(path)
    if isinstance(mapping, str) and mapping not in PRESETS:
        mapping = mapping_from_json(mapping)
    if isinstance(mapping, ColumnMapping):
        return Plan(source, None, mapping.checked(source.columns))
    preset = get_preset(mapping) if mapping else detect_preset(source.columns, source.sample)
    if preset is None or preset.name == "canonical":
        return Plan(source, preset, guess_mapping(source.columns).checked(source.columns))
    return Plan(source, preset, preset.mapping)


def import_file(
    warehouse: Warehouse,
    path: Path,
    *,
    mapping: ColumnMapping | str | None = None,
    file_name: str | None = None,
    progress: Callable[[ImportProgress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> ImportResult:
    """Import a file of events, or a zip archive of item pictures named ITEM_ID.jpg.

    Every batch is durable when its progress is told; importing a file again adds nothing.

    Args:
        mapping: a mapping, its JSON or a preset's name; None: as the file looks.
        file_name: the name to record, where `path` is a copy.
        should_stop: asked after each batch; what was added stays.

    Raises:
        UnreadableFileError, ColumnMappingError: nothing was added, or what was added before a broken end stays.
        WarehouseWriteError: the disk is full; what was told stays.
    """
    if is_archive(path):
        return import_pictures(warehouse, path, file_name=file_name, progress=progress, should_stop=should_stop)
    plan = plan_import(path, mapping)
    recover_imports(warehouse)
    record = {"preset": plan.preset.name if plan.preset else None} | plan.mapping.as_json()
    import_id = import_queries.start_import(warehouse, file_name or path.name, record, file_sha256(path))
    _running.add(import_id)
    run = _Run(warehouse, import_id, plan, progress or (lambda _: None))
    try:
        stopped = run.read(should_stop or (lambda: False))
        run.finish("stopped" if stopped else "finished")
    except IntentLensError as error:
        run.finish("failed", str(error))
        raise
    finally:
        _running.discard(import_id)
    return ImportResult(
        import_id, run.rows_read, run.added, run.duplicates, run.rejected, run.report.as_json() | run.extra, stopped
    )


def recover_imports(warehouse: Warehouse) -> int:
    """Close the imports that a crash left running, and derive the sessions of what they added; returns how many."""
    left = [import_id for import_id in import_queries.running_imports(warehouse) if import_id not in _running]
    if left:
        rebuild_sessions(warehouse)
    for import_id in left:
        import_queries.finish_import(warehouse, import_id, "failed", {"error": "The server stopped; import it again."})
    return len(left)


@dataclass
class _Run:
    """One import going on."""

    warehouse: Warehouse
    import_id: str
    plan: Plan
    tell: Callable[[ImportProgress], None]
    report: CleaningReport = field(default_factory=CleaningReport)
    extra: dict[str, Any] = field(default_factory=dict)
    rows_read: int = 0
    added: int = 0
    duplicates: int = 0
    visitors: set[str] = field(default_factory=set)
    written: "_Written | None" = None

    @property
    def rejected(self) -> int:
        return sum(self.report.rejected.values())

    def read(self, should_stop: Callable[[], bool]) -> bool:
        """Append all batches; True when asked to stop before the end."""
        received_at = self.warehouse.clock()
        self._tell("reading")
        for table, row_numbers in _raw_tables(self.plan):
            batch = clean_table(
                table,
                source=self.plan.name,
                received_at=received_at,
                row_numbers=row_numbers,
                type_names=self.plan.mapping.type_names,
            )
            self._append(batch, len(table))
            if should_stop():
                return True
        return False

    def finish(self, status: str, error: str | None = None) -> None:
        """Keep the bad lines, derive sessions, record the end."""
        self._settle()
        self._append_bad_lines()
        self._tell("sessions")
        self._rebuild_sessions()
        self.extra = {"bot_visitors": import_queries.bot_visitors(self.warehouse, self.import_id)}
        if error:
            self.extra["error"] = error
        self._record()
        import_queries.finish_import(self.warehouse, self.import_id, status, self.report.as_json() | self.extra)
        self._tell("finished")

    def _append(self, batch: CleanBatch, rows: int) -> None:
        """Queue a batch once the one before is on disk: while it is written, the next is read and cleaned."""
        self._settle()
        count = submit_events(
            self.warehouse,
            batch.events,
            rejected=_with_source(batch.rejected, self.plan.name),
            items=batch.items,
            import_id=self.import_id,
            rebuild_sessions=False,
        )
        self.written = _Written(batch, rows, count)

    def _settle(self) -> None:
        """Wait for the batch being written, count and tell it."""
        if self.written is None:
            return
        written, self.written = self.written, None
        count = written.count.result()
        self.report.add(written.batch.report)
        self.rows_read += written.rows
        self.added += count.added
        self.duplicates += count.duplicates
        if count.added:
            self.visitors.update(pc.unique(written.batch.events["visitor_id"]).to_pylist())
        self._record()
        self._tell("reading")

    def _rebuild_sessions(self) -> None:
        """Visitor by visitor in parts, since deriving all at once takes memory in proportion to the file."""
        visitors = sorted(self.visitors)
        size = max(1, len(visitors) * EVENTS_A_REBUILD // max(EVENTS_A_REBUILD, self.added))
        for start in range(0, len(visitors), size):
            rebuild_sessions(self.warehouse, visitors[start : start + size])

    def _append_bad_lines(self) -> None:
        lines = self.plan.source.bad_lines
        if self.plan.source.left_out and self.rejected:
            count_left_out_rows(self.warehouse, self.import_id, self.plan.source.left_out)
        if not lines:
            return
        self.report.rejected.update(line.reason for line in lines)
        self.report.rows += len(lines)
        self.rows_read += len(lines)
        append_events(
            self.warehouse,
            EVENT_SCHEMA.empty_table(),
            rejected=_with_source(_rejected_lines(lines), self.plan.name),
            import_id=self.import_id,
            rebuild_sessions=False,
        )

    def _record(self) -> None:
        import_queries.update_import(
            self.warehouse,
            self.import_id,
            rows_read=self.rows_read,
            added=self.added,
            duplicates=self.duplicates,
            rejected=self.rejected,
        )

    def _tell(self, phase: str) -> None:
        estimate = self.plan.source.row_estimate
        at_least = None if estimate is None else max(estimate, self.rows_read)
        self.tell(ImportProgress(phase, self.rows_read, at_least, self.added, self.duplicates, self.rejected))


@dataclass(frozen=True)
class _Written:
    """A batch on its way to the disk, of so many rows of the file."""

    batch: CleanBatch
    rows: int
    count: "Future[AppendCount]"


def _raw_tables(plan: Plan) -> Iterator[tuple[pa.Table, pa.Array]]:
    """The file's rows as tables of strings in our columns, numbered as if none were left out."""
    preset, next_number = plan.preset, plan.source.first_row_number
    if preset is not None and preset.rows is not None:
        batches = _numbered_objects(plan.source)
        for rows in preset.gather(batches) if preset.gather else batches:
            raw = [(number, raw) for number, row in rows for raw in preset.rows(row)]
            yield table_of_rows([row for _, row in raw]), pa.array([number for number, _ in raw], pa.int64())
        return
    rows_a_batch = TABLE_ROWS if plan.source.format != "jsonl" else OBJECT_ROWS
    for table in plan.source.tables(plan.source.rows_a_batch(rows_a_batch)):
        yield _mapped(plan, table), pa.array(range(next_number, next_number + len(table)), pa.int64())
        next_number += len(table)


def _numbered_objects(source: Source) -> Iterator[list[tuple[int, dict[str, Any]]]]:
    next_number = source.first_row_number
    for rows in source.objects(source.rows_a_batch(OBJECT_ROWS)):
        yield [(number, unpacked(row)) for number, row in enumerate(rows, next_number)]
        next_number += len(rows)


def _mapped(plan: Plan, table: pa.Table) -> pa.Table:
    preset = plan.preset
    if preset is None or preset.name == "canonical":
        return plan.mapping.apply(table)
    converted = preset.convert(table) if preset.convert else table
    return preset.mapping_for(converted.column_names).apply(converted)


def _rejected_lines(lines: list[BadLine]) -> pa.Table:
    rows = [
        {"row_number": line.row_number, "reason": line.reason, "field": None, "value": None, "raw": line.raw}
        for line in lines
    ]
    return pa.Table.from_pylist(rows, schema=REJECTED_SCHEMA)


def _with_source(rejected: pa.Table, source: str) -> pa.Table:
    return rejected.append_column("source", pa.array([source] * len(rejected), pa.string()))
