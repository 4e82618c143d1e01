"""What every format of the registry has to keep."""

import json
from pathlib import Path

import pytest

from core.clock import utc_now
from core.errors import IntentLensError, InvalidAnnotationError, UnreadableFileError
from core.intents.annotations import Annotation
from core.intents.exchange import FORMATS, check_annotations, export_annotations, import_annotations
from core.intents.exchange.canonical import parse_annotation
from core.intents.exchange.exporting import export_one_file
from core.intents.exchange.registry import EXPORTED, IMPORTED, detect_format, get_format
from core.intents.taxonomy import DEFAULT_TAXONOMY
from core.store.annotation_export_queries import count_current_annotations
from core.store.warehouse import Warehouse
from tests.core.intents.exchange.shop import LABELS, open_shop, said

BOTH_WAYS = [name for name in EXPORTED if name in IMPORTED]


def written(warehouse: Warehouse, folder: Path, name: str) -> Path:
    path = folder / f"labels{FORMATS[name].ending}"
    assert export_annotations(warehouse, path, name) == count_current_annotations(
        warehouse, with_skipped=FORMATS[name].keeps_skipped
    )
    return path


def given(name: str) -> set[str]:
    """The client ids of the labels that a format carries."""
    trained = [made for made in LABELS if made.intent is not None and made.status in ("submitted", "gold")]
    return {made.client_id for made in (LABELS if FORMATS[name].keeps_skipped else trained)}


def test_names_are_their_own_and_every_format_goes_somewhere() -> None:
    assert all(name == format.name for name, format in FORMATS.items())
    assert len({format.title for format in FORMATS.values()}) == len(FORMATS)
    assert all(format.exports or format.imports for format in FORMATS.values())


@pytest.mark.parametrize("name", BOTH_WAYS)
def test_labels_come_back_as_they_went(name: str, labelled: Warehouse, unlabelled: Warehouse, tmp_path: Path) -> None:
    path = written(labelled, tmp_path, name)
    assert detect_format(path).name == name
    done = import_annotations(unlabelled, path)
    assert (done.added, done.duplicates, done.rejected) == (len(given(name)), 0, [])
    back = said(unlabelled)
    expected = {row for row in said(labelled) if row[0] in given(name)}
    if FORMATS[name].keeps_skipped:
        assert back == expected
    else:  # a suggestion is no part of what is trained on
        assert {row[:10] for row in back} == {row[:10] for row in expected}


@pytest.mark.parametrize("name", BOTH_WAYS)
def test_a_second_time_and_at_home_nothing_changes(
    name: str, labelled: Warehouse, unlabelled: Warehouse, tmp_path: Path
) -> None:
    path = written(labelled, tmp_path, name)
    import_annotations(unlabelled, path)
    for warehouse in (unlabelled, labelled):
        before = said(warehouse)
        again = import_annotations(warehouse, path)
        assert (again.added, again.duplicates, again.rejected) == (0, len(given(name)), [])
        assert said(warehouse) == before


@pytest.mark.parametrize("name", BOTH_WAYS)
def test_what_is_not_in_the_warehouse_is_rejected_and_looking_writes_nothing(
    name: str, labelled: Warehouse, tmp_path: Path
) -> None:
    path = written(labelled, tmp_path, name)
    smaller = open_shop(tmp_path / "smaller", visitors=3)
    checked = check_annotations(smaller, path)
    assert said(smaller) == set()
    assert {row.reason for row in checked.rejected} == {"unknown_session", "unknown_event"}
    assert all("'s3" in row.message or "'s4'" in row.message for row in checked.rejected)
    assert import_annotations(smaller, path) == checked
    assert len(said(smaller)) == checked.added == len(given(name)) - len(checked.rejected)
    smaller.close()


@pytest.mark.parametrize("name", BOTH_WAYS)
def test_an_empty_journal_is_written_too(name: str, unlabelled: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / f"labels{FORMATS[name].ending}"
    assert export_annotations(unlabelled, path, name) == 0
    assert path.exists()


@pytest.mark.parametrize("name", EXPORTED)
def test_one_file_holds_all_of_it(name: str, labelled: Warehouse, tmp_path: Path) -> None:
    path = export_one_file(labelled, _fresh(tmp_path), name)
    is_packed = FORMATS[name].is_folder or FORMATS[name].companion(DEFAULT_TAXONOMY) is not None
    assert path.suffix == (".zip" if is_packed else FORMATS[name].ending)
    assert path.stat().st_size > 0


@pytest.mark.parametrize("name", IMPORTED)
def test_what_is_no_file_of_it_is_said_and_never_a_traceback(name: str, unlabelled: Warehouse, tmp_path: Path) -> None:
    for content in ('[{"data": 3, "text": 7, "fields": []}]', '{"answer": 1}\n{oops\n"x"\n', "a,b\n1,2\n"):
        path = tmp_path / "odd"
        path.write_text(content, encoding="utf-8")
        try:
            done = check_annotations(unlabelled, path, format=name)
        except IntentLensError:
            continue
        assert done.added == 0


def test_an_empty_file_is_named_without_the_folder_it_was_put_in(unlabelled: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.touch()
    with pytest.raises(UnreadableFileError, match=r"^'empty.csv' is empty"):
        check_annotations(unlabelled, path, format="csv")


def test_directions_are_kept(tmp_path: Path, unlabelled: Warehouse) -> None:
    with pytest.raises(InvalidAnnotationError, match="'cleanlab' can only be written"):
        list(get_format("cleanlab").read(tmp_path))
    with pytest.raises(InvalidAnnotationError, match="'excel'"):
        export_annotations(unlabelled, tmp_path / "x", "excel")


def test_a_folder_with_other_things_in_it_is_not_replaced(labelled: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InvalidAnnotationError, match="other things"):
        export_annotations(labelled, tmp_path, "datasets")
    assert (tmp_path / "thesis.txt").exists()


def test_a_failed_export_leaves_the_old_file(labelled: Warehouse, tmp_path: Path, monkeypatch) -> None:
    path = written(labelled, tmp_path, "doccano")
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("core.intents.exchange.doccano.write_lines", fail)
    with pytest.raises(OSError, match="disk full"):
        export_annotations(labelled, path, "doccano")
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.glob("*.part")] == []


def test_lines_written_by_earlier_versions_are_read(unlabelled: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "old.jsonl"
    line = {"target_kind": "session", "event_id": None, "session_id": "s1", "intent": "deal", "annotator": "mei"}
    path.write_text(json.dumps(line | {"created_at": "2026-10-01T09:30:00", "lead_time_ms": 9758.0}) + "\n")
    assert import_annotations(unlabelled, path).added == 1
    assert import_annotations(unlabelled, path).duplicates == 1


def read_back(path: Path, name: str) -> set[tuple[object, ...]]:
    """What a file says, by the reader alone."""
    lines = list(FORMATS[name].read(path))
    assert [line.reason for line in lines if line.values is None] == []
    return {as_tuple(parse_annotation(line.values or {}, utc_now)) for line in lines}


def as_tuple(made: Annotation) -> tuple[object, ...]:
    return (made.client_id, made.session_id, made.event_id, made.intent, made.annotator, made.created_at, made.note)


def _fresh(folder: Path) -> Path:
    (folder / "download").mkdir()
    return folder / "download"
