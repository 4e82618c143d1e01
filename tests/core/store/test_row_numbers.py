"""The row number of a rejected row is its line in the file, whatever was unreadable before it."""

import json
from pathlib import Path

import pytest

from core.importers import source
from core.store import import_pipeline
from core.store.import_pipeline import import_file
from core.store.rejected_queries import list_rejected
from core.store.warehouse import Warehouse

GOOD = "v1,2026-05-04T10:00:00Z,view"
NO_VISITOR = ",2026-05-04T10:00:00Z,view"
TOO_LONG = "v1,2026-05-04T10:00:00Z,view,more,and,more"
BAD_LINES = ("too_many_columns", "no_json_object")


def _rejected(warehouse: Warehouse, path: Path) -> list[tuple[int, bool]]:
    """(row number, whether it was unreadable) of each rejected row, in the order they are shown."""
    result = import_file(warehouse, path)
    frame = list_rejected(warehouse, result.import_id)
    return [(int(n), reason in BAD_LINES) for n, reason in zip(frame["row_number"], frame["reason"], strict=True)]


@pytest.mark.parametrize("begin", ["", "\n\n"])
def test_rows_of_a_csv_are_numbered_past_its_unreadable_lines(begin: str, warehouse: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    rows = [GOOD, NO_VISITOR, TOO_LONG, TOO_LONG, NO_VISITOR, GOOD, TOO_LONG, GOOD, NO_VISITOR]
    numbers = [(2, False), (3, True), (4, True), (5, False), (7, True), (9, False)]
    before = 1 + len(begin)
    path.write_text(begin + "visitor_id,occurred_at,event_type\n" + "\n".join(rows) + "\n")
    assert _rejected(warehouse, path) == [(n + before, bad) for n, bad in numbers]


def test_rows_of_json_lines_are_numbered_past_unreadable_and_blank_ones(warehouse: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    good = json.dumps({"visitor_id": "v1", "occurred_at": "2026-05-04", "event_type": "view"})
    no_visitor = json.dumps({"occurred_at": "2026-05-04", "event_type": "view"})
    path.write_text("\n".join([good, "", "{broken", no_visitor, "", "[]", no_visitor]) + "\n")
    assert _rejected(warehouse, path) == [(3, True), (4, False), (6, True), (7, False)]


def test_events_of_one_nested_row_share_its_number(warehouse: Warehouse, tmp_path: Path) -> None:
    events = [{"aid": 1, "ts": 1661724000278, "type": "clicks"}, {"aid": 2, "ts": None, "type": "clicks"}]
    rows = [{"session": 1, "events": events[:1] * 3}, {"session": 2, "events": []}, {"session": 3, "events": events}]
    path = tmp_path / "otto.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert _rejected(warehouse, path) == [(3, False)]


def test_row_numbers_go_on_over_batches(warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_pipeline, "TABLE_ROWS", 100)
    monkeypatch.setattr(source, "_FEWEST_ROWS", 100)
    path = tmp_path / "events.csv"
    rows = [NO_VISITOR if n % 150 == 0 else TOO_LONG if n % 70 == 0 else GOOD for n in range(1, 1001)]
    path.write_text("visitor_id,occurred_at,event_type\n" + "\n".join(rows) + "\n")
    expected = [(n + 1, n % 150 != 0) for n in range(1, 1001) if n % 150 == 0 or n % 70 == 0]
    assert _rejected(warehouse, path) == expected
