"""Imports that go wrong half way, run side by side, or come again in another way."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import UnreadableFileError
from core.store import import_pipeline
from core.store.frames import read_rows, read_value
from core.store.import_pipeline import ImportProgress, import_file
from core.store.import_queries import list_imports
from core.store.ingest_queries import rebuild_sessions
from core.store.overview_queries import totals
from core.store.rejected_queries import list_rejected
from core.store.warehouse import Warehouse

CELL = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=12)
HEADER = "visitor_id,occurred_at,event_type,query"
GOOD = "v1,2026-05-04T10:00:00Z,view,"


def _unsessionised(warehouse: Warehouse) -> int:
    return int(read_value(warehouse, "SELECT count(*) FROM events WHERE session_id IS NULL"))


def test_a_file_that_breaks_off_keeps_its_good_rows_with_sessions_and_its_bad_lines(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    path = tmp_path / "events.jsonl"
    row = {"visitor_id": "v1", "occurred_at": "2026-05-04", "event_type": "view"}
    path.write_text(json.dumps(row) + "\nnonsense\n" + "x\n" * 100_000)
    with pytest.raises(UnreadableFileError, match="line 2"):
        import_file(warehouse, path)
    [record] = list_imports(warehouse).to_dict("records")
    assert (record["status"], record["rejected"]) == ("failed", 100_000)
    assert "line 2" in json.loads(record["report"])["error"]
    assert list_rejected(warehouse, record["import_id"])["row_number"].iloc[0] == 2
    assert _unsessionised(warehouse) == 0


def test_an_import_going_on_is_not_taken_for_a_crashed_one(warehouse: Warehouse, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text(f"{HEADER}\n{GOOD}{name}\n")
    seen: list[str] = []

    def import_another(progress: ImportProgress) -> None:
        if progress.rows_read and not seen:
            seen.append("running")
            import_file(warehouse, tmp_path / "b.csv")
            seen.extend(list_imports(warehouse).sort_values("file_name")["status"])

    import_file(warehouse, tmp_path / "a.csv", progress=import_another)
    assert seen == ["running", "running", "finished"]
    assert set(list_imports(warehouse)["status"]) == {"finished"}


def test_the_same_rows_by_another_mapping_are_the_same_events(warehouse: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(f"{HEADER}\n{GOOD}lamp\n")
    assert import_file(warehouse, path).added == 1
    own = json.dumps({name: name for name in HEADER.split(",")})
    assert import_file(warehouse, path, mapping=own).added == 0


def test_sessions_derived_in_parts_are_those_derived_at_once(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "events.csv"
    rows = [
        f"v{n % 5},2026-05-04T{10 + n // 9}:{n % 60:02d}:00Z,view,{'shared' if n % 7 == 0 else ''}" for n in range(60)
    ]
    path.write_text("visitor_id,occurred_at,event_type,session_id\n" + "\n".join(rows) + "\n")
    monkeypatch.setattr(import_pipeline, "EVENTS_A_REBUILD", 15)
    import_file(warehouse, path)
    query = "SELECT * FROM sessions ORDER BY session_id"
    in_parts = read_rows(warehouse, query)
    rebuild_sessions(warehouse)
    assert in_parts == read_rows(warehouse, query)
    assert len(in_parts) > 5


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(CELL, CELL, CELL, CELL), max_size=6))
def test_every_row_of_any_file_is_added_a_duplicate_or_rejected_and_again_nothing_is_added(
    warehouse: Warehouse, tmp_path: Path, rows: list[tuple[str, str, str, str]]
) -> None:
    path = tmp_path / "any.csv"
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    path.write_text("\n".join([HEADER, GOOD, *quoted]) + "\n", encoding="utf-8")
    first = import_file(warehouse, path)
    assert first.rows_read == first.added + first.duplicates + first.rejected == 1 + len(rows)
    before = totals(warehouse)
    again = import_file(warehouse, path)
    assert (again.added, again.rejected) == (0, first.rejected)
    assert totals(warehouse) == before
