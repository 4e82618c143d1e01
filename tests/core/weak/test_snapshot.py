"""Weak labels go into the snapshot of a training run, and only as long as nobody labeled the session."""

import json
from pathlib import Path

import pandas as pd

from core.intents.taxonomy import load_taxonomy
from core.store.snapshot_queries import WEAK_LABELS_FILE, write_snapshot
from core.store.warehouse import Warehouse
from core.weak.journal import save_rules
from core.weak.weak_labels import use_as_training_labels, withdraw_training_labels
from tests.core.weak.shop import fill, label, python


def test_the_newest_version_is_in_the_snapshot_until_people_label(warehouse: Warehouse, tmp_path: Path) -> None:
    fill(warehouse)
    load_taxonomy(warehouse)
    before = write_snapshot(warehouse, tmp_path / "before")
    save_rules(warehouse, [python("has_cart", "purchase")])
    use_as_training_labels(warehouse)
    label(warehouse, "leaver", "deal")
    taught = write_snapshot(warehouse, tmp_path / "taught")
    weak = pd.read_parquet(taught.folder / WEAK_LABELS_FILE)
    assert set(weak["session_id"]) == {"buyer"}
    assert set(weak["label_source"]) == {"weak"}
    assert weak["probability"].between(0, 1).all()
    assert (before.weak_labels, taught.weak_labels, taught.annotations) == (0, 1, 1)
    assert json.loads((taught.folder / "snapshot.json").read_text())["weak_labels"] == 1
    withdraw_training_labels(warehouse)
    after = write_snapshot(warehouse, tmp_path / "after")
    assert not (after.folder / WEAK_LABELS_FILE).exists()
    assert len({before.snapshot_id, taught.snapshot_id, after.snapshot_id}) == 3


def test_without_weak_labels_the_snapshot_is_what_it_was(warehouse: Warehouse, tmp_path: Path) -> None:
    fill(warehouse)
    load_taxonomy(warehouse)
    first = write_snapshot(warehouse, tmp_path / "first")
    save_rules(warehouse, [python("has_cart", "purchase")])
    assert write_snapshot(warehouse, tmp_path / "second").snapshot_id == first.snapshot_id
