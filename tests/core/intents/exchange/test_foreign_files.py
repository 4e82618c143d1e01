"""Files as the tools themselves write them: labelled there, changed there, or made there from nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.intents.exchange import FORMATS, export_annotations, import_annotations
from core.store.warehouse import Warehouse
from tests.core.intents.exchange.shop import said

TEXT = "search: mug\nview: Mug\nadd_to_cart: Mug"
EVENTS = ["s1.0", "s1.1", "s1.2"]
MADE: dict[str, Any] = {
    "label-studio": [
        {
            "id": 7,
            "data": {"session_id": "s1", "event_ids": EVENTS},
            "annotations": [
                {
                    "id": 70,
                    "completed_by": {"id": 3, "email": "ann@shop.example"},
                    "lead_time": 4.2,
                    "updated_at": "2026-06-01T08:00:00.5Z",
                    "result": [
                        {"type": "choices", "from_name": "intent", "value": {"choices": ["Deal"]}},
                        {
                            "type": "paragraphlabels",
                            "value": {"start": "1", "end": "2", "paragraphlabels": ["compare"]},
                        },
                        {"type": "rating", "value": {"rating": 4}},
                    ],
                },
                {
                    "id": 71,
                    "completed_by": 4,
                    "was_cancelled": True,
                    "result": [],
                    "updated_at": "2026-06-01T08:00:00Z",
                },
            ],
        }
    ],
    "doccano": [
        {"id": 1, "text": TEXT, "session_id": "s1", "label": ["Deal"], "annotator": "ann@shop.example", "Comments": []},
        {
            "id": 2,
            "text": TEXT,
            "meta": {"session_id": "s1", "event_ids": EVENTS, "annotator": "ann@shop.example"},
            "label": [[12, len(TEXT), "compare"]],
        },
    ],
    "prodigy": [
        {
            "text": TEXT,
            "session_id": "s1",
            "event_ids": EVENTS,
            "accept": ["Deal"],
            "spans": [{"start": 12, "end": 26, "label": "compare"}],
            "answer": "accept",
            "_annotator_id": "ann@shop.example",
            "_timestamp": 1780300800,
            "_task_hash": -5,
        },
        {
            "text": TEXT,
            "session_id": "s1",
            "answer": "ignore",
            "_session_id": "label-studio-4",
            "_timestamp": 1780300800,
        },
    ],
}


def _write(path: Path, name: str) -> Path:
    text = json.dumps(MADE[name]) if name == "label-studio" else "\n".join(json.dumps(line) for line in MADE[name])
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", MADE)
def test_labels_made_in_the_tool_come_in_once(name: str, unlabelled: Warehouse, tmp_path: Path) -> None:
    path = _write(tmp_path / "export", name)
    done = import_annotations(unlabelled, path)
    assert (done.format, done.rejected) == (name, [])
    told = {(row[1], row[3], row[4]) for row in said(unlabelled) if row[5] == "ann@shop.example"}
    assert told >= {("session", None, "deal"), ("event", "s1.1", "compare")}
    if name != "doccano":  # which writes down no skipping
        assert ("session", None, None) in {(row[1], row[3], row[4]) for row in said(unlabelled) if row[8] == "skipped"}
    assert import_annotations(unlabelled, path).added == 0


def _relabel(path: Path, name: str) -> str:
    """Change mei's `deal` of s0 in the exported file, as somebody would in the tool; returns who did."""
    if name in ("doccano", "prodigy"):
        documents = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        key = "cats" if name == "doccano" else "accept"
        changed = next(document for document in documents if document[key] == ["deal"])
        changed[key] = ["support"]
        changed["_timestamp"] = 1780300800
        path.write_text("\n".join(json.dumps(document) for document in documents), encoding="utf-8")
        return "mei"
    records = json.loads(path.read_text(encoding="utf-8"))
    if name == "label-studio":
        annotation = next(a for a in records[0]["annotations"] if a["annotator"] == "mei")
        annotation["result"][0]["value"]["choices"] = ["support"]
        annotation |= {"completed_by": {"email": "bob"}, "updated_at": "2026-06-01T08:00:00Z"}
    else:
        response = next(r for r in records[0]["responses"]["intent"] if r["value"] == "deal")
        response["value"] = "support"
    path.write_text(json.dumps(records), encoding="utf-8")
    return "bob" if name == "label-studio" else "mei"


@pytest.mark.parametrize("name", ["label-studio", "doccano", "prodigy", "argilla"])
def test_what_was_changed_in_the_tool_is_new_and_the_rest_is_there(
    name: str, labelled: Warehouse, tmp_path: Path
) -> None:
    path = tmp_path / f"labels{FORMATS[name].ending}"
    count = export_annotations(labelled, path, name)
    who = _relabel(path, name)
    done = import_annotations(labelled, path)
    assert (done.added, done.duplicates, done.rejected) == (1, count - 1, [])
    changed = {(row[5], row[4]) for row in said(labelled) if row[2] == "s0" and row[3] is None}
    assert (who, "support") in changed
    assert import_annotations(labelled, path).added == 0


def test_a_refusal_and_a_record_without_session_are_rejected(unlabelled: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "prodigy.jsonl"
    refused = {"text": TEXT, "session_id": "s1", "label": "deal", "answer": "reject"}
    path.write_text("\n".join(json.dumps(row) for row in (refused, {"text": TEXT, "answer": "accept"})))
    done = import_annotations(unlabelled, path)
    assert [row.line for row in done.rejected] == [1, 2]
    assert "'reject'" in done.rejected[0].message
    assert "'session_id' is missing" in done.rejected[1].message


def test_a_large_array_is_read_across_its_blocks(
    unlabelled: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.intents.exchange.records._BLOCK", 7)
    assert import_annotations(unlabelled, _write(tmp_path / "tasks.json", "label-studio")).added == 4
