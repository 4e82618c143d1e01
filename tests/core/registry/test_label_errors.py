"""Labels are judged by held-out answers first, then by predictions for visitors nobody had labelled before."""

import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.intents.annotations import submit_annotations
from core.registry.label_errors import find_label_errors
from core.registry.models import register_model
from core.settings import Settings
from core.store.prediction_queries import append_predictions
from core.store.warehouse import Warehouse
from tests.core.evaluation.records import write_labelled
from tests.core.intents.shop import AT, annotation, fill_shop
from tests.core.registry.test_models import model_folder

INTENTS = ("browse", "search")
SESSIONS = 60
WRONG = ("s1", "s2")


def _truth(number: int) -> str:
    return INTENTS[number % 2]


def _said(numbers: range) -> np.ndarray:
    """[N, 2]: sure of the truth."""
    return np.array([[0.9, 0.1] if _truth(n) == "browse" else [0.1, 0.9] for n in numbers])


@pytest.fixture
def shop(warehouse: Warehouse) -> Warehouse:
    """Sessions s<n> of events e<2n>, e<2n+1>, labelled after AT; two of them wrongly."""
    fill_shop(warehouse, SESSIONS)
    said = [
        annotation(INTENTS[1 - n % 2] if f"s{n}" in WRONG else _truth(n), f"s{n}", "mei", minutes=1 + n)
        for n in range(SESSIONS)
    ]
    submit_annotations(warehouse, said)
    return warehouse


def _model(warehouse: Warehouse, settings: Settings, folder: Path, made: datetime) -> Path:
    path = model_folder(folder, "m")
    card = json.loads((path / "card.json").read_text()) | {"created_at": made.isoformat()}
    (path / "card.json").write_text(json.dumps(card))
    return path


def _predict(warehouse: Warehouse, folder: Path) -> None:
    columns = {
        "event_id": [f"e{2 * n + 1}" for n in range(SESSIONS)],
        "session_id": [f"s{n}" for n in range(SESSIONS)],
        "visitor_id": [f"v{n}" for n in range(SESSIONS)],
        "probabilities": _said(range(SESSIONS)).tolist(),
    }
    pq.write_table(pa.table(columns), folder / "predictions.parquet")
    append_predictions(warehouse, folder / "predictions.parquet", "m")


def test_without_a_model_nothing_is_judged(shop: Warehouse) -> None:
    found = find_label_errors(shop)
    assert (found.judged, found.labels, len(found.suspects)) == (0, SESSIONS, 0)


def test_held_out_answers_judge_the_labels_at_their_events(shop: Warehouse, settings: Settings, tmp_path: Path) -> None:
    path = _model(shop, settings, tmp_path, datetime(2027, 1, 1))
    doubled = np.repeat(_said(range(SESSIONS)), 2, axis=0)  # one answer an event, two events a session
    write_labelled(path, [None] * 80, doubled[:80], INTENTS)
    register_model(shop, settings, path)
    found = find_label_errors(shop)
    assert (found.judged, found.labels) == (40, SESSIONS)
    assert sorted(found.suspects["session_id"]) == list(WRONG)
    row = found.suspects.set_index("session_id").loc["s1"]
    assert row[["visitor_id", "event_id", "annotator", "intent", "suggested"]].tolist() == [
        "v1",
        "e3",
        "mei",
        "browse",
        "search",
    ]


def test_predictions_judge_only_visitors_labelled_after_the_model_was_made(
    shop: Warehouse, settings: Settings, tmp_path: Path
) -> None:
    register_model(shop, settings, _model(shop, settings, tmp_path, AT))
    _predict(shop, tmp_path)
    assert find_label_errors(shop).judged == SESSIONS
    assert sorted(find_label_errors(shop).suspects["session_id"]) == list(WRONG)
    submit_annotations(shop, [annotation("browse", f"s{n}", "jonas", minutes=-5) for n in range(30)])  # older labels
    assert find_label_errors(shop).judged == SESSIONS - 30


def test_gold_is_judged_in_place_of_the_votes_it_settled(shop: Warehouse, settings: Settings, tmp_path: Path) -> None:
    register_model(shop, settings, _model(shop, settings, tmp_path, AT))
    _predict(shop, tmp_path)
    submit_annotations(shop, [annotation("search", "s1", "lead", minutes=99, status="gold")])
    found = find_label_errors(shop)
    assert (found.judged, found.labels) == (SESSIONS, SESSIONS)
    assert found.suspects["session_id"].tolist() == ["s2"]
