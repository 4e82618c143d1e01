"""Files of any kind: read, or refused with a message that names the problem and the cure."""

import gzip
import json
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import ColumnMappingError, UnreadableFileError
from core.importers.mapping import ColumnMapping, guess_mapping, mapping_from_json
from core.importers.presets import detect_preset
from core.importers.reader import open_source
from core.importers.source import LINE_TOO_LONG

HEADER = "visitor_id,occurred_at,event_type"
ROW = "v1,2026-05-04T10:00:00Z,view"


def _written(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _rows(path: Path) -> list[dict[str, object]]:
    return [row for table in open_source(path).tables() for row in table.to_pylist()]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_found(delimiter: str, tmp_path: Path) -> None:
    path = _written(tmp_path, "events.txt", f"{HEADER}\n{ROW}\n".replace(",", delimiter))
    assert _rows(path) == [{"visitor_id": "v1", "occurred_at": "2026-05-04T10:00:00Z", "event_type": "view"}]


def test_a_gzipped_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = _written(tmp_path, "events.csv.gz", gzip.compress(f"\ufeff{HEADER}\n{ROW}\n".encode()))
    assert open_source(path).columns == HEADER.split(",")
    assert len(_rows(path)) == 1


def test_a_file_without_header_has_numbered_columns(tmp_path: Path) -> None:
    path = _written(tmp_path, "UserBehavior.csv", "1,2268318,2520377,pv,1511544070\n1,2333346,2520771,buy,1511561733\n")
    source = open_source(path)
    assert len(_rows(path)) == 2
    preset = detect_preset(source.columns, source.sample)
    assert preset is not None
    assert preset.name == "taobao"


def test_a_line_with_too_many_columns_is_kept_as_bad(tmp_path: Path) -> None:
    path = _written(tmp_path, "events.csv", f"{HEADER}\n{ROW}\n{ROW},extra\n{ROW}\n")
    source = open_source(path)
    assert sum(len(table) for table in source.tables()) == 2
    assert [line.row_number for line in source.bad_lines] == [3]


def test_a_line_that_is_no_json_is_kept_as_bad(tmp_path: Path) -> None:
    path = _written(tmp_path, "events.jsonl", '{"a": 1}\n{"a": \n[1]\n{"a": 2, "b": {"c": 3}}\n')
    source = open_source(path)
    rows = [row for table in source.tables() for row in table.to_pylist()]
    assert rows == [{"a": "1", "b": None}, {"a": "2", "b": '{"c": 3}'}]
    assert [line.row_number for line in source.bad_lines] == [2, 3]


def test_a_json_array_is_read(tmp_path: Path) -> None:
    assert len(_rows(_written(tmp_path, "events.json", json.dumps([{"a": 1}, {"a": 2}])))) == 2


def test_parquet_ids_that_became_floats_are_whole_again(tmp_path: Path) -> None:
    pq.write_table(pa.table({"visitor_id": [1.0, None, 3.0], "price": [1.5, 2.0, None]}), tmp_path / "e.parquet")
    assert [row["visitor_id"] for row in _rows(tmp_path / "e.parquet")] == ["1", None, "3"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", b"", "is empty"),
        ("blank.csv", b" \n\n", "is empty"),
        ("head.csv", HEADER.encode() + b"\n", "no rows"),
        ("one.csv", b"visitor_id\nv1\n", "one column"),
        ("latin.csv", "visitor_id,query\nv1,caf\u00e9\n".encode("latin-1"), "not UTF-8"),
        ("utf16.csv", f"{HEADER}\n{ROW}\n".encode("utf-16"), "UTF-16"),
        ("sheet.xlsx", b"PK\x03\x04rest", "zip archive or an Excel file"),
        ("cut.parquet", b"PAR1" + b"\0" * 100, "no whole Parquet file"),
        ("broken.json", b"[1, 2", "is not JSON"),
        ("words.jsonl", b"{oops\n{again\n", "expected one JSON object"),
        ("cut.csv.gz", gzip.compress(random.Random(0).randbytes(40_000).hex().encode())[:20_000], "cannot be read"),
    ],
)
def test_a_bad_file_is_named_with_its_cure(name: str, content: bytes, words: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=words) as raised:
        list(open_source(_written(tmp_path, name, content)).tables())
    assert name in str(raised.value)


def test_an_absent_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="no file"):
        open_source(tmp_path / "nothing.csv")
    with pytest.raises(UnreadableFileError, match="folder"):
        open_source(tmp_path)


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_a_line_of_200_mb_is_kept_as_bad_and_the_rest_is_read(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"long.{kind}"
    line = f"{ROW}\n" if kind == "csv" else '{"a": 1}\n'
    with path.open("wb") as stream:
        stream.write((f"{HEADER}\n{line}" if kind == "csv" else line).encode())
        stream.write(b'v2,2026-05-04,"' if kind == "csv" else b'{"a": "')
        for _ in range(200):
            stream.write(b"x" * 2**20)
        stream.write(f'"\n{line}'.encode())
    source = open_source(path)
    assert sum(len(table) for table in source.tables()) == 2
    [bad] = source.bad_lines
    assert bad.reason == LINE_TOO_LONG
    assert len(bad.raw) <= 10_000


def test_canonical_names_need_no_mapping() -> None:
    assert guess_mapping(["visitor_id", "occurred_at", "event_type", "query"]).columns == {
        name: name for name in ("visitor_id", "occurred_at", "event_type", "query")
    }


def test_columns_are_guessed_by_the_words_in_their_names() -> None:
    columns = guess_mapping(["eventTime", "Visitor ID", "action-type", "productId", "ga_session_id"]).columns
    assert columns["occurred_at"] == "eventTime"
    assert columns["visitor_id"] == "Visitor ID"
    assert columns["event_type"] == "action-type"
    assert columns["item_id"] == "productId"


def test_a_missing_required_column_is_named() -> None:
    with pytest.raises(ColumnMappingError, match="occurred_at"):
        guess_mapping(["user", "action"]).checked(["user", "action"])


@pytest.mark.parametrize("text", ["[1]", "{oops", '{"columns": {"a": 1}}', '{"columns": {}, "odd": {}}'])
def test_a_mapping_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ColumnMappingError):
        mapping_from_json(text)


def test_a_mapping_of_an_unknown_column_is_refused() -> None:
    with pytest.raises(ColumnMappingError, match="'colour'"):
        ColumnMapping({"colour": "a"}).checked(["a"])
    with pytest.raises(ColumnMappingError, match="'b'"):
        ColumnMapping({"query": "b"}).checked(["a"])
