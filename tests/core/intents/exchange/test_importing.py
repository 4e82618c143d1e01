"""Bringing labels in: what is taken, what is rejected with which reason, and whose label stays."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.errors import InvalidAnnotationError, UnreadableFileError
from core.intents.annotations import submit_annotations, undo_annotation
from core.intents.exchange import import_annotations
from core.intents.exchange.intent_names import IntentNames, parse_mapping
from core.intents.taxonomy import DEFAULT_TAXONOMY
from core.store.frames import read_rows
from core.store.warehouse import Warehouse
from tests.core.intents.exchange.shop import AT, label, said


def lines(folder: Path, *changes: dict[str, Any]) -> Path:
    good = {"target_kind": "session", "session_id": "s1", "intent": "deal", "annotator": "mei"}
    path = folder / "labels.jsonl"
    path.write_text("\n".join(json.dumps(good | change) for change in changes), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "reason", "words"),
    [
        ({"intent": "dance"}, "unknown_intent", "'dance'"),
        ({"annotator": None}, "unreadable", "'annotator' is missing"),
        ({"session_id": "nowhere"}, "unknown_session", "'nowhere'"),
        ({"target_kind": "event", "event_id": "e9"}, "unknown_event", "'e9'"),
        ({"target_kind": "event"}, "unreadable", "event_id"),
        ({"target_kind": "planet"}, "unreadable", "'planet'"),
        ({"status": "perhaps"}, "unreadable", "'perhaps'"),
        ({"created_at": "soon"}, "unreadable", "'soon'"),
        ({"lead_time_ms": "long"}, "unreadable", "'long'"),
        ({"suggestion": "deal?"}, "unreadable", "deal?"),
    ],
)
def test_a_bad_line_is_rejected_with_its_reason_and_the_others_are_kept(
    change: dict[str, Any], reason: str, words: str, unlabelled: Warehouse, tmp_path: Path
) -> None:
    done = import_annotations(unlabelled, lines(tmp_path, {}, change, {"session_id": "s2"}))
    assert (done.added, [(row.line, row.reason) for row in done.rejected]) == (2, [(2, reason)])
    assert words in done.rejected[0].message
    assert json.loads(done.rejected[0].raw).items() >= change.items()


def test_unknown_intents_are_counted_and_a_mapping_gives_them_a_meaning(unlabelled: Warehouse, tmp_path: Path) -> None:
    path = lines(tmp_path, {"intent": "Buy now"}, {"intent": "Buy now", "session_id": "s2"}, {"intent": "Deal"})
    assert import_annotations(unlabelled, path).unknown_intents == {"Buy now": 2}
    done = import_annotations(unlabelled, path, mapping={"buy  now": "购买"})
    assert (done.added, done.unknown_intents) == (2, {})
    assert {(row[2], row[4]) for row in said(unlabelled)} == {("s1", "purchase"), ("s2", "purchase")}


def test_names_are_found_in_both_languages_and_a_mapping_goes_first() -> None:
    names = IntentNames(DEFAULT_TAXONOMY, {"Search": "browse"})
    assert [names.find(word) for word in ("PURCHASE", "找优惠", "search", "fly")] == [
        "purchase",
        "deal",
        "browse",
        None,
    ]
    assert parse_mapping(["a=b=deal"]) == {"a=b": "deal"}
    for wrong in ("deal", "=deal", "word="):
        with pytest.raises(InvalidAnnotationError, match="expected 'WORD OF THE FILE=INTENT'"):
            parse_mapping([wrong])


def test_a_label_changed_here_since_is_not_turned_back(unlabelled: Warehouse, tmp_path: Path) -> None:
    submit_annotations(unlabelled, [label(10, "browse", "s1")])
    done = import_annotations(unlabelled, lines(tmp_path, {"created_at": AT.isoformat()}))
    assert [row.reason for row in done.rejected] == ["older"]
    later = import_annotations(unlabelled, lines(tmp_path, {"created_at": (AT + timedelta(hours=1)).isoformat()}))
    assert later.added == 1
    superseded = read_rows(unlabelled, "SELECT intent, supersedes FROM current_annotations")
    assert superseded == [("deal", "c10")]


def test_a_label_taken_back_here_does_not_return(unlabelled: Warehouse, tmp_path: Path) -> None:
    submit_annotations(unlabelled, [label(1, "deal", "s1")])
    undo_annotation(unlabelled, "c1", annotator="mei")
    done = import_annotations(unlabelled, lines(tmp_path, {"client_id": "c1"}, {"created_at": AT.isoformat()}))
    assert (done.added, done.duplicates, [row.reason for row in done.rejected]) == (0, 1, ["older"])
    assert said(unlabelled) == set()


def test_the_latest_of_a_file_wins_whatever_the_order(unlabelled: Warehouse, tmp_path: Path) -> None:
    times = [(AT + timedelta(hours=hour)).isoformat() for hour in range(3)]
    rows = [("search", times[1]), ("browse", times[2]), ("deal", times[0])]
    path = lines(tmp_path, *({"intent": intent, "created_at": at} for intent, at in rows))
    assert import_annotations(unlabelled, path).added == 3
    assert {row[4] for row in said(unlabelled)} == {"browse"}
    journal = read_rows(unlabelled, "SELECT intent, annotation_id, supersedes FROM annotations ORDER BY sequence")
    assert [row[0] for row in journal] == ["deal", "search", "browse"]
    assert [row[2] for row in journal] == [None, journal[0][1], journal[1][1]]


def test_an_events_session_is_the_one_it_is_in_now(unlabelled: Warehouse, tmp_path: Path) -> None:
    path = lines(tmp_path, {"target_kind": "event", "event_id": "s2.1", "session_id": "as-it-was"})
    assert import_annotations(unlabelled, path).added == 1
    assert {(row[2], row[3]) for row in said(unlabelled)} == {("s2", "s2.1")}


def test_what_breaks_off_adds_nothing(unlabelled: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "tasks.json"
    path.write_text('[{"data": {"session_id": "s1"}, "annotations": []},\n {"data": {"sess', encoding="utf-8")
    with pytest.raises(UnreadableFileError, match="breaks off behind its record 1"):
        import_annotations(unlabelled, path)
    for content, words in ((b"", "is empty"), (b'{"a": "\xff"}', "not UTF-8")):
        path.write_bytes(content)
        with pytest.raises(UnreadableFileError, match=words):
            import_annotations(unlabelled, path)
    with pytest.raises(UnreadableFileError, match="There is no file"):
        import_annotations(unlabelled, tmp_path / "none.csv")
