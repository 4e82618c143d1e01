"""Which labels taught a model: those its training noted, else the journal as it stood when the model was made."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from core.events.schema import EVENT_SCHEMA, ITEM_SCHEMA
from core.explain.lessons.lessons import learn_lessons
from core.explain.lessons.taught import find_taught
from core.intents.adjudication import Target, journal_place, settle
from core.intents.annotations import Annotation, submit_annotations
from core.intents.default_taxonomy import DEFAULT_TAXONOMY
from core.intents.taxonomy import store_taxonomy
from core.model.checkpoint import save_checkpoint
from core.model.scorer import SessionScorer
from core.registry.models import ModelRecord, register_model
from core.settings import Settings
from core.store.ingest_queries import append_events
from core.store.session_queue import settle_sessions
from core.store.warehouse import Warehouse
from core.training.labels import Labels
from core.training.trace import save_taught, taught_rows
from tests.core.model.conftest import make_checkpoint
from tests.core.model.shop import INTENTS, Shop, make_shop

MADE, LATER = datetime(2026, 6, 1), datetime(2026, 6, 2)
LABELLED = 6


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop(visitors=10, sessions=2)


@pytest.fixture
def stocked(tmp_path: Path, shop: Shop) -> Iterator[Warehouse]:
    """The shop's events, its first sessions labelled before the model was made."""
    opened = Warehouse.open(Settings(home=tmp_path / "home", sample_shop=False), clock=lambda: LATER)
    events = shop.events[[name for name in EVENT_SCHEMA.names if name in shop.events]]
    rows = events.astype(object).where(events.notna(), None).to_dict("records")
    items = shop.items.astype(object).where(shop.items.notna(), None).to_dict("records")
    append_events(
        opened, pa.Table.from_pylist(rows, schema=EVENT_SCHEMA), items=pa.Table.from_pylist(items, schema=ITEM_SCHEMA)
    )
    settle_sessions(opened)
    store_taxonomy(opened, DEFAULT_TAXONOMY)
    submit_annotations(opened, [_label(number, session) for number, session in enumerate(_sessions(shop))])
    yield opened
    opened.close()


def _sessions(shop: Shop) -> list[str]:
    return sorted(shop.events["session_id"].unique())[:LABELLED]


def _label(number: int, session: str) -> Annotation:
    at = datetime(2026, 5, 30)
    return Annotation(f"a{number}", f"a{number}", "session", session, None, INTENTS[number % 3], "mei", at)


def _model(warehouse: Warehouse, shop: Shop, folder: Path) -> ModelRecord:
    checkpoint = make_checkpoint(shop)
    checkpoint.card.update(
        model_id="tiny", kind="finetuned", intents=list(INTENTS), created_at=MADE.isoformat(), recipe={"size": "tiny"}
    )
    save_checkpoint(checkpoint, folder / "tiny")
    return register_model(warehouse, warehouse.settings, folder / "tiny")


def test_the_journal_tells_what_was_said_before_the_model(stocked: Warehouse, shop: Shop, tmp_path: Path) -> None:
    record = _model(stocked, shop, tmp_path)
    taught = find_taught(stocked, record)
    ends = taught.events.iloc[taught.rows[taught.decisive]]
    assert not taught.is_exact
    assert sorted(ends["session_id"]) == _sessions(shop)
    expected = {session: INTENTS[number % 3] for number, session in enumerate(_sessions(shop))}
    said = [record.intents[at] for at in taught.targets[taught.decisive].argmax(axis=1)]
    assert dict(zip(ends["session_id"], said, strict=True)) == expected


def test_what_was_said_after_the_model_taught_it_nothing(stocked: Warehouse, shop: Shop, tmp_path: Path) -> None:
    record = _model(stocked, shop, tmp_path)
    before = find_taught(stocked, record)
    target = Target("session", _sessions(shop)[0], None)
    assert settle(stocked, target, INTENTS[2], adjudicator="ana", seen=journal_place(stocked, target))
    after = find_taught(stocked, record)
    assert np.array_equal(before.targets, after.targets)
    assert np.array_equal(before.rows, after.rows)


def test_what_the_training_noted_counts_whatever_the_journal_says(
    stocked: Warehouse, shop: Shop, tmp_path: Path
) -> None:
    record = _model(stocked, shop, tmp_path)
    rows = np.array([3, 8])
    targets = np.eye(3, dtype=np.float32)[[1, 2]]
    labels = Labels(INTENTS, rows, targets, np.ones(2, np.float32), np.array([True, True]), np.array([0, 1]))
    noted = taught_rows(labels, np.array([0.5, 2.0], np.float32), shop.events, 0.1)
    save_taught(record.folder, noted)
    taught = find_taught(stocked, record)
    assert taught.is_exact
    assert taught.events["event_id"].iloc[taught.rows].tolist() == shop.events["event_id"].iloc[rows].tolist()
    assert taught.weights.tolist() == [0.5, 2.0]
    assert taught.targets.argmax(axis=1).tolist() == [1, 2]
    assert taught.targets.max() == pytest.approx(0.9 + 0.1 / 3)


def test_events_that_are_gone_teach_nothing_any_more(stocked: Warehouse, shop: Shop, tmp_path: Path) -> None:
    record = _model(stocked, shop, tmp_path)
    gone = _sessions(shop)[0]
    stocked.write(lambda cursor: cursor.execute("DELETE FROM events WHERE session_id = ?", [gone]).fetchall())
    lessons = learn_lessons(SessionScorer.load(record.folder), record.folder, find_taught(stocked, record))
    assert len(lessons) == LABELLED - 1


def test_too_few_labels_are_no_lessons(stocked: Warehouse, shop: Shop, tmp_path: Path) -> None:
    record = replace(_model(stocked, shop, tmp_path), created_at=datetime(2020, 1, 1))
    taught = find_taught(stocked, record)
    assert len(taught) == 0
    lessons = learn_lessons(SessionScorer.load(record.folder), record.folder, taught)
    assert len(lessons) == 0
    stream = shop.events[shop.events["visitor_id"] == shop.events["visitor_id"].iloc[0]]
    evidence = lessons.ask(stream, shop.items, intent=INTENTS[0])
    assert (evidence.similar, evidence.speaking_for, evidence.speaking_against) == ((), (), ())
