"""What we write is loaded by the tools' own libraries and means there what it means here."""

import csv
import json
import uuid
import warnings
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from core.intents.exchange import export_annotations, import_annotations
from core.intents.exchange.argilla import _user_id
from core.intents.exchange.hf_datasets import split_of
from core.intents.taxonomy import DEFAULT_TAXONOMY
from core.store.warehouse import Warehouse
from tests.core.intents.exchange.shop import LABELS, open_shop

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
INTENTS = [intent.id for intent in DEFAULT_TAXONOMY]


def library(name: str) -> ModuleType:
    """The tool's library, whose own import may warn; the test is skipped where it is not installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip(name, reason=f"{name} is not installed; pip install 'intentlens[test]'")


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))


def test_label_studios_converter_reads_every_choice_and_span(labelled: Warehouse, tmp_path: Path) -> None:
    converter_module = library("label_studio_sdk.converter")
    path = tmp_path / "tasks.json"
    export_annotations(labelled, path, "label-studio")
    converter = converter_module.Converter(
        config=path.with_suffix(".xml").read_text(encoding="utf-8"), project_dir=str(tmp_path)
    )
    converter.convert_to_json_min(str(path), str(tmp_path / "min"), is_dir=False)
    rows = json.loads((tmp_path / "min" / "result.json").read_text(encoding="utf-8"))
    choices = sorted((row["session_id"], row["intent"]) for row in rows if "intent" in row)
    assert choices == sorted((a.session_id, a.intent) for a in LABELS if a.event_id is None and a.intent)
    spans = [(row["session_id"], span) for row in rows for span in row.get("event_intent", [])]
    found = sorted((session_id, int(span["start"]), *span["paragraphlabels"]) for session_id, span in spans)
    places = [(a.session_id, int(a.event_id[-1]), a.intent) for a in LABELS if a.event_id]
    assert found == sorted(places)
    for row in rows:
        for span in row.get("event_intent", []):
            line = row["events"][int(span["start"])]["text"]
            assert span["text"] == line
            assert span["endOffset"] == len(line.encode("utf-16-le")) // 2


def test_label_studios_interface_takes_our_tasks(labelled: Warehouse, tmp_path: Path) -> None:
    library("label_studio_sdk")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from label_studio_sdk.label_interface import LabelInterface
    path = tmp_path / "tasks.json"
    export_annotations(labelled, path, "label-studio")
    interface = LabelInterface(path.with_suffix(".xml").read_text(encoding="utf-8"))
    interface.validate()
    tasks = json.loads(path.read_text(encoding="utf-8"))
    assert len(tasks) == 5
    for task in tasks:
        for prediction in task["predictions"]:
            assert interface.validate_prediction(prediction, return_errors=True) == []
        for annotation in task["annotations"]:
            for result in annotation["result"]:
                assert interface.validate_region(result, return_errors=True) == []


def test_datasets_loads_the_folder_with_class_labels_and_visitors_in_one_split(tmp_path: Path) -> None:
    datasets = library("datasets")
    shop = open_shop(tmp_path / "shop", visitors=40)
    lines = [
        {"target_kind": "session", "session_id": f"s{v}", "annotator": "mei", "intent": INTENTS[v % 7]}
        for v in range(40)
    ] + [{"target_kind": "event", "session_id": "s0", "event_id": "s0.1", "annotator": "mei", "intent": "deal"}]
    (tmp_path / "labels.jsonl").write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    import_annotations(shop, tmp_path / "labels.jsonl")
    assert export_annotations(shop, tmp_path / "data", "datasets") == 41
    loaded = datasets.load_dataset(str(tmp_path / "data"))
    assert set(loaded) == {"train", "validation", "test"}
    for name, split in loaded.items():
        assert split.features["label"].names == INTENTS
        assert [split.features["label"].int2str(row) for row in split["label"]] == list(split["label_text"])
        assert {split_of(visitor) for visitor in split["visitor_id"]} == {name}
    rows = [row for split in loaded.values() for row in split]
    assert len(rows) == 41
    assert next(row for row in rows if row["event_id"] == "s0.1")["text"].count("\n") == 1
    alone = datasets.Dataset.from_parquet(str(next((tmp_path / "data" / "data").glob("train*"))))
    assert alone.features["label"].names == INTENTS
    relabelled = loaded["train"].map(lambda row: {"label": 0, "label_text": "browse"})
    relabelled.to_parquet(str(tmp_path / "again.parquet"))
    again = import_annotations(shop, tmp_path / "again.parquet", format="datasets")
    assert again.rejected == []
    shop.close()


def test_argilla_reads_records_responses_and_suggestions(labelled: Warehouse, tmp_path: Path) -> None:
    argilla = library("argilla")
    path = tmp_path / "records.json"
    export_annotations(labelled, path, "argilla")
    records = [argilla.Record.from_dict(record) for record in json.loads(path.read_text(encoding="utf-8"))]
    assert [record.id for record in records] == ["s0", "s1", "s2", "s3", "s4"]
    first = records[0]
    answers = {str(response.user_id): response.value for response in first.responses["intent"]}
    assert answers == {_user_id("mei"): "deal", _user_id("Jonas O'Neil"): "browse"}
    assert all(uuid.UUID(user_id) for user_id in answers)
    assert first.suggestions["intent"].value == "search"
    assert first.suggestions["intent"].score == 0.75
    span = first.responses["event_intent"][0].value[0]
    assert first.fields["text"][span["start"] : span["end"]] == first.fields["text"].splitlines()[2]
    skipped = [response.status for response in records[1].responses["intent"]]
    assert [str(getattr(status, "value", status)) for status in skipped] == ["discarded", "discarded"]


@pytest.mark.filterwarnings("ignore:Annotators do not agree:UserWarning")
def test_cleanlab_takes_the_table(labelled: Warehouse, tmp_path: Path) -> None:
    library("cleanlab")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from cleanlab.multiannotator import get_label_quality_multiannotator
    path = tmp_path / "labels.csv"
    export_annotations(labelled, path, "cleanlab")
    with path.open(encoding="utf-8", newline="") as file:
        assert sum(1 for _ in csv.reader(file)) == 1 + 6
    frame = pd.read_csv(path)
    people = frame.filter(like="annotator:")
    classes = json.loads(path.with_suffix(".classes.json").read_text(encoding="utf-8"))["classes"]
    assert [classes[number] for number in frame["label"]] == list(frame["label_text"])
    probabilities = np.full((len(frame), len(classes)), 0.02)
    probabilities[np.arange(len(frame)), frame["label"]] = 0.88
    quality = get_label_quality_multiannotator(people, probabilities, verbose=False)["label_quality"]
    assert list(quality["num_annotations"]) == list(people.notna().sum(axis=1))
