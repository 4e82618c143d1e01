"""Files without times or of whole sessions: the message names what is missing and what can be done."""

from pathlib import Path

import pytest

from core.errors import ColumnMappingError
from core.importers.mapping import ColumnMapping, guess_mapping
from core.store.import_pipeline import plan_import

REAL = Path(__file__).resolve().parents[4] / "shared" / "data"


def _message(columns: list[str]) -> str:
    with pytest.raises(ColumnMappingError) as raised:
        guess_mapping(columns).checked(columns)
    return str(raised.value)


def test_every_missing_column_is_named_with_what_it_tells() -> None:
    message = _message(["shop", "colour"])
    for words in (
        "occurred_at (when it happened)",
        "visitor_id or user_id (who did it)",
        "event_type or event_name (what was done)",
        "the columns shop, colour",
        "export the events instead",
    ):
        assert words in message


def test_only_what_is_missing_is_named() -> None:
    message = _message(["timestamp", "visitor", "colour"])
    assert "event_type or event_name" in message
    assert "occurred_at" not in message
    assert "visitor_id" not in message
    assert "export the events instead" not in message


def test_a_step_is_said_to_be_no_time() -> None:
    assert "step and cum_time_s only tell the order" in _message(["session_id", "step", "cum_time_s", "event"])
    assert "only tell the order" not in _message(["session_id", "event"])


def test_a_value_for_all_rows_will_do() -> None:
    columns = {"occurred_at": "when", "visitor_id": "who"}
    mapping = ColumnMapping(columns, {"event_type": "view"})
    assert mapping.checked(["when", "who"]) is mapping


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("clickstream_dmm/events.parquet", ["occurred_at", "page_type", "step and cum_time_s", "add a column of them"]),
        ("clickstream_dmm/sessions.parquet", ["occurred_at", "duration_s", "export the events instead"]),
        ("uci_shoppers/online_shoppers_intention.csv", ["occurred_at", "visitor_id", "Month", "export the events"]),
    ],
)
def test_real_files_without_event_times_are_refused_helpfully(file: str, words: list[str]) -> None:
    if not (REAL / file).exists():
        pytest.skip(f"{file} is not here")
    with pytest.raises(ColumnMappingError) as raised:
        plan_import(REAL / file)
    assert [word for word in words if word not in str(raised.value)] == []
