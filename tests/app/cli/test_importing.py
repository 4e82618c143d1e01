"""`intentlens import`: idempotent, one file's failure is its own, Ctrl+C keeps what was added."""

import signal
import time
from pathlib import Path

import duckdb
import pytest

from core.settings import Settings
from core.store.import_queries import list_imports
from core.store.overview_queries import totals
from core.store.warehouse import Warehouse
from tests.app.cli.calling import call, error_of, start, told

ROWS = 600_000
MEGABYTES = 4
"""An empty data folder has less than one, and one with all rows has many: in between the import is amid its batches."""


def test_a_file_imported_twice_adds_nothing(events_csv: Path, tmp_path: Path) -> None:
    first = told(call(tmp_path / "home", "import", str(events_csv), "--json"))["imports"][0]
    again = told(call(tmp_path / "home", "import", str(events_csv), "--json"))["imports"][0]
    assert [first[name] for name in ("rows_read", "added", "duplicates", "rejected")] == [4, 3, 0, 1]
    assert [again[name] for name in ("rows_read", "added", "duplicates", "rejected")] == [4, 0, 3, 1]


def test_people_are_told_why_rows_were_rejected(events_csv: Path, tmp_path: Path) -> None:
    result = call(tmp_path / "home", "import", str(events_csv))
    assert result.exit_code == 0
    assert "4 rows, 3 added, 0 duplicates, 1 rejected (missing_visitor" in result.stdout


def test_one_files_failure_does_not_keep_the_others_out(events_csv: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    result = call(tmp_path / "home", "import", str(tmp_path / "empty.csv"), str(events_csv))
    assert result.exit_code == 1
    assert "3 added" in result.stdout
    assert f"1 of 2 files were not imported. First: {tmp_path / 'empty.csv'}: " in result.stderr
    as_json = call(tmp_path / "home", "import", str(tmp_path / "empty.csv"), str(events_csv), "--json")
    assert error_of(as_json)["code"] == "unreadable_file"


def test_a_file_of_which_nothing_can_be_used_is_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text("occurred_at,visitor_id,event_type\nyesterday,v1,view\nsoon,v2,view\n", encoding="utf-8")
    assert "All 2 rows of 'wrong.csv'" in error_of(call(tmp_path / "home", "import", str(path), "--json"))["message"]


def test_a_mapping_may_be_json(tmp_path: Path) -> None:
    path = tmp_path / "foreign.csv"
    path.write_text("wann,wer,was\n2026-05-01T10:00:00,v1,view\n", encoding="utf-8")
    mapping = '{"columns": {"occurred_at": "wann", "visitor_id": "wer", "event_type": "was"}}'
    assert told(call(tmp_path, "import", str(path), "--mapping", mapping, "--json"))["imports"][0]["added"] == 1
    wrong = call(tmp_path, "import", str(path), "--mapping", "no-preset", "--json")
    assert error_of(wrong)["code"] == "column_mapping"


@pytest.mark.fault
def test_ctrl_c_keeps_what_was_added_and_a_second_import_adds_the_rest(tmp_path: Path) -> None:
    path = _large_csv(tmp_path / "large.csv")
    importing = start(tmp_path / "home", "import", str(path), "--json")
    _wait_until_written(tmp_path / "home", MEGABYTES)
    importing.send_signal(signal.SIGINT)
    _, complaint = importing.communicate(timeout=120)
    assert importing.returncode == 130, complaint
    assert "job_stopped" in complaint
    warehouse = Warehouse.open(Settings(home=tmp_path / "home", sample_shop=False))
    record = list_imports(warehouse).iloc[0]
    kept = totals(warehouse).events
    warehouse.close()
    assert record["status"] == "stopped"
    assert record["added"] == kept < ROWS
    rest = told(call(tmp_path / "home", "import", str(path), "--json"))["imports"][0]
    assert (rest["added"], rest["duplicates"]) == (ROWS - kept, kept)


def _large_csv(path: Path) -> Path:
    rows = f"""SELECT 'e' || i AS event_id, TIMESTAMP '2026-05-01' + to_seconds(i) AS occurred_at,
        'v' || (i % 5000) AS visitor_id, 'view' AS event_type FROM range({ROWS}) t(i)"""
    duckdb.sql(f"COPY ({rows}) TO '{path}' (HEADER, TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%S')")
    return path


def _wait_until_written(home: Path, megabytes: float) -> None:
    deadline = time.monotonic() + 60
    while sum(path.stat().st_size for path in home.glob("warehouse.duckdb*")) < megabytes * 2**20:
        assert time.monotonic() < deadline
        time.sleep(0.01)
