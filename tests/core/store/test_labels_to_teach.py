"""What the Train page says will be taught is what a training's snapshot teaches, and the rest has a reason."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.intents.annotations import STATUSES, submit_annotations
from core.intents.editing import Retire
from core.intents.taxonomy import load_taxonomy
from core.intents.versions import edit_taxonomy
from core.store.labeled_queries import labels_to_teach
from core.store.snapshot_queries import write_snapshot
from core.store.warehouse import Warehouse
from core.training.labels import annotator_shares
from tests.core.intents.shop import annotation, fill_shop


def _taught(warehouse: Warehouse, folder: Path) -> tuple[int, dict[str, int]]:
    """By the training's own rules: labelled targets, and how many have a share of each intent."""
    write_snapshot(warehouse, folder)
    annotations = pd.read_parquet(folder / "annotations.parquet")
    events = pd.read_parquet(folder / "events.parquet")
    shares = annotator_shares(annotations[annotations["session_id"].isin(events["session_id"])])
    return len(shares.drop_duplicates(["target_kind", "target"])), shares["intent"].value_counts().to_dict()


def test_each_reason_is_counted_once(warehouse: Warehouse) -> None:
    fill_shop(warehouse)
    load_taxonomy(warehouse)
    given = [
        annotation("deal", "s0", "ana"),
        annotation("deal", "s0", "bo", status="unsure"),  # taught by ana's
        annotation("deal", "s1", "ana", status="unsure"),
        annotation("browse", "s1", "bo", status="disputed"),
        annotation("browse", "s2", "ana", status="disputed"),
        annotation(None, "s3", "ana", status="skipped"),
        annotation("browse", "s4", "ana", event_id="e8"),
        annotation("browse", "lost", "ana"),
        annotation("browse", "s5", "ana", status="undone"),
    ]
    submit_annotations(warehouse, given)
    found = labels_to_teach(warehouse)
    assert (found.taught, found.by_intent) == (2, {"browse": 1, "deal": 1})
    assert (found.unsure, found.disputed, found.outdated, found.unread) == (1, 1, 0, 1)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_taught_is_what_the_snapshot_teaches(warehouse: Warehouse, tmp_path: Path, seed: int) -> None:
    fill_shop(warehouse, 12)
    intents = [None, *(intent.id for intent in load_taxonomy(warehouse))]
    random = np.random.default_rng(seed)
    given = []
    for number in range(60):
        session = int(random.integers(0, 13))  # s12 is lost
        event = f"e{2 * session}" if session < 12 and random.random() < 0.4 else None
        intent = intents[random.integers(0, len(intents))]
        status = str(random.choice([one for one in STATUSES if intent is not None or one in ("skipped", "undone")]))
        client_id = f"bulk:b:{number}" if random.random() < 0.3 else f"c{number}"
        by = str(random.choice(["ana", "bo", "cy"]))
        given.append(annotation(intent, f"s{session}", by, event_id=event, status=status, client_id=client_id))
    submit_annotations(warehouse, given)
    found = labels_to_teach(warehouse)
    assert (found.taught, found.by_intent) == _taught(warehouse, tmp_path / "snapshot")
    assert found.taught > 4


def test_labels_of_a_retired_intent_are_outdated(warehouse: Warehouse) -> None:
    fill_shop(warehouse)
    load_taxonomy(warehouse)
    submit_annotations(warehouse, [annotation("deal", "s0", "ana"), annotation("browse", "s1", "ana")])
    edit_taxonomy(warehouse, [Retire("deal")], author="lead")
    found = labels_to_teach(warehouse)
    assert (found.taught, found.by_intent, found.outdated) == (1, {"browse": 1}, 1)
