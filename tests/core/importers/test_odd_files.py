"""Files as they really come: oddly named, packed, ended, encoded; and the messages of hostile senders."""

import gzip
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UnreadableFileError
from core.events.cleaning import clean_rows
from core.importers import delimited, json_lines
from core.importers.ga4 import rows_from_ga4
from core.importers.nested import unpacked
from core.importers.otto import rows_from_otto
from core.importers.posthog import rows_from_posthog
from core.importers.reader import open_source
from core.importers.segment import rows_from_segment

NOW = datetime(2026, 5, 4, 12)
CSV = "visitor_id,occurred_at,event_type\nv1,2026-05-04,view\nv2,2026-05-04,view\n"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = [
    "type", "event", "messageId", "anonymousId", "userId", "properties", "traits", "context", "timestamp", "sentAt",
    "receivedAt", "originalTimestamp", "distinct_id", "uuid", "event_name", "event_timestamp", "event_params", "items",
    "user_pseudo_id", "ecommerce", "device", "geo", "session", "events", "products", "query", "price",
]  # fmt: skip
MESSAGE = st.dictionaries(st.sampled_from(KEYS), JSON | st.dictionaries(st.sampled_from(KEYS), JSON, max_size=4))


def _rows(path: Path) -> list[dict[str, Any]]:
    return [row for table in open_source(path).tables() for row in table.to_pylist()]


@pytest.mark.parametrize("name", ["shop[1].csv", "what?.csv", "all*.csv", "no ending", "packed.csv.gz.old"])
def test_a_file_is_read_whatever_its_name_is(name: str, tmp_path: Path) -> None:
    (tmp_path / "shop1.csv").write_text("another,file\n1,2\n")
    (tmp_path / name).write_bytes(gzip.compress(CSV.encode()) if "packed" in name else CSV.encode())
    assert [row["visitor_id"] for row in _rows(tmp_path / name)] == ["v1", "v2"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("blank", [0, 2])
def test_lines_may_end_in_any_way_and_begin_late(end: str, blank: int, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes((end * blank + CSV.replace("\n", end)).encode())
    assert [row["visitor_id"] for row in _rows(path)] == ["v1", "v2"]


def test_columns_that_differ_only_in_case_are_both_kept(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("price_2,Price,price,,\n1,2,3,4,5\n")
    assert list(_rows(path)[0].values()) == ["1", "2", "3", "4", "5"]
    assert len({name.lower() for name in open_source(path).columns}) == 5


@pytest.mark.parametrize("begin", ["a" * 150_000 + ",b\n1,2\n", '"' + "a" * 200_000 + "\n1,2\n"])
def test_an_endless_first_line_is_named(begin: str, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(begin)
    with pytest.raises(UnreadableFileError, match=r"first line of 'events\.csv' is longer"):
        open_source(path)


def test_a_line_that_is_not_utf8_far_down_is_kept_as_bad(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(CSV.encode() + b"v3,2026-05-04,view\n" * 20_000 + b"v4,\xff\xfe,view\n")
    source = open_source(path)
    assert sum(len(table) for table in source.tables()) == 20_002
    assert [line.row_number for line in source.bad_lines] == [20_004]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_a_file_of_mostly_bad_lines_is_given_up_with_the_first_of_them(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (delimited, json_lines):
        monkeypatch.setattr(module, "MOST_BAD_LINES", 5)
    path = tmp_path / f"events.{kind}"
    path.write_text((CSV if kind == "csv" else '{"a": 1}\n') + "1,2,3,4,5\n" * 20)
    source = open_source(path)
    with pytest.raises(UnreadableFileError, match="unreadable, the first is line"):
        list(source.tables())
    assert len(source.bad_lines) == 5


def test_half_a_surrogate_pair_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text('{"a\\udfff": "\\ud800", "b": {"c": "\\ud83d\\ude00"}}\n')
    assert _rows(path) == [{"a?": "?", "b": '{"c": "😀"}'}]


def test_a_packed_file_that_breaks_off_keeps_what_came_before(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl.gz"
    lines = "".join(f'{{"visitor_id": "{number * 7919 % 100_003}"}}\n' for number in range(60_000))
    path.write_bytes(gzip.compress(lines.encode())[:-5_000])
    read: list[int] = []
    with pytest.raises(UnreadableFileError, match="breaks off"):
        read.extend(len(table) for table in open_source(path).tables(1_000_000))
    assert sum(read) > 10_000


def test_text_that_parquet_calls_bytes_is_text_and_pictures_are_left_out(tmp_path: Path) -> None:
    columns = {
        "visitor_id": pa.array([b"v1"]),
        "photo": pa.array([b"\xff\xd8"]),
        "took": pa.array([3], pa.duration("s")),
    }
    pq.write_table(pa.table(columns), tmp_path / "events.parquet")
    [row] = _rows(tmp_path / "events.parquet")
    assert (row["visitor_id"], row["photo"]) == ("v1", None)
    assert row["took"]


def test_long_rows_are_read_in_small_batches(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(CSV + f"v3,2026-05-04,{'x' * 100_000}\n")
    source = open_source(path)
    assert 100 <= source.rows_a_batch(100_000) < 5_000


def test_json_in_a_cell_is_unpacked() -> None:
    row = {"properties": '{"query": "lamp"}', "items": "[1]", "broken": "{oops", "plain": "text", "empty": "", "n": 1}
    assert unpacked(row) == row | {"properties": {"query": "lamp"}, "items": [1]}


@settings(deadline=None)
@given(MESSAGE)
def test_any_message_of_any_dialect_becomes_rows_that_clean(message: dict[str, Any]) -> None:
    rows = [
        *rows_from_segment(message, received_at=NOW, sent_at=NOW),
        *rows_from_posthog(message),
        *rows_from_ga4(message),
        *rows_from_otto(message),
    ]
    batch = clean_rows(rows, source="test", received_at=NOW)
    assert len(batch.events) + len(batch.rejected) == len(rows)


@settings(deadline=None)
@given(st.text(alphabet=st.characters()), JSON)
def test_no_text_however_broken_stops_the_cleaning(text: str, value: object) -> None:
    row = {"visitor_id": "v", "occurred_at": "2026-05-04", "event_type": "view", "query": text, text: value}
    batch = clean_rows([row | {"properties": {text: text}}], source="test", received_at=NOW)
    assert len(batch.events) + len(batch.rejected) == 1
