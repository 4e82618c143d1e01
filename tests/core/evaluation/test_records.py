"""Reading a model folder's records: absent, whole, damaged."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import UnreadableFileError
from core.evaluation.records import COLUMNS, NAMES, read_records
from core.training.held_out import EVALUATION_FILE, HeldOut
from core.training.labels import Labels, read_labels, split_by_time
from core.training.snapshot import read_snapshot
from tests.core.evaluation.records import Played, records
from tests.core.model.shop import INTENTS, make_shop
from tests.core.training.support import session_annotations, write_snapshot


def _certain_of_the_second(labels: Labels) -> np.ndarray:
    return np.tile([0.1, 0.7, 0.2], (len(labels), 1))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    shop = make_shop(visitors=20)
    folder = tmp_path_factory.mktemp("records")
    snapshot = read_snapshot(write_snapshot(folder / "snapshot", shop, session_annotations(shop, 20)))
    labels = read_labels(snapshot.annotations, snapshot.events, snapshot.taxonomy, earlier_event_weight=0.5)
    training, validation = split_by_time(labels, snapshot.events, 0.2)
    HeldOut(snapshot, labels.take(training), labels.take(validation), _certain_of_the_second).save(folder / "model")
    return folder / "model"


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    """A copy that may be damaged."""
    return Path(shutil.copytree(written, tmp_path / "model"))


def test_what_training_wrote_is_read(folder: Path) -> None:
    found = read_records(folder)
    assert found is not None
    assert found.intents == INTENTS
    assert tuple(found.frame.columns) == COLUMNS
    assert {name: values.shape for name, values in found.answers.items()} == dict.fromkeys(NAMES, (len(found), 3))
    assert set(found.guesses()) == {1}
    assert (found.labelled().labels() >= 0).all()


def test_a_model_without_records_has_none(tmp_path: Path) -> None:
    assert read_records(tmp_path) is None


@pytest.mark.parametrize("damage", ["text", "cut", "other table"])
def test_a_damaged_file_is_named(damage: str, folder: Path) -> None:
    path = folder / EVALUATION_FILE
    if damage == "text":
        path.write_text("not a table")
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-20])
    else:
        pd.DataFrame({"a": [1]}).to_parquet(path)
    with pytest.raises(UnreadableFileError, match=r"evaluation\.parquet.*fine-tune"):
        read_records(folder)


def test_rows_are_taken_by_truth_or_by_number() -> None:
    whole = records(Played("a", "bs", "s"), Played("b", "dd", None))
    assert whole.labels().tolist() == [-1, 1, -1, -1]
    assert whole.labels("session_answer").tolist() == [1, 1, -1, -1]
    assert whole.take(whole.labels() >= 0).frame["event_id"].tolist() == ["a.2"]
    assert whole.take(np.array([3, 0])).guesses().tolist() == [2, 0]
