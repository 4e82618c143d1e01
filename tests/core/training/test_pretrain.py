"""Pretraining learns, stops, resumes to the same weights, and repeats itself by seed."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from core.errors import InvalidSettingError, JobStoppedError, UnreadableFileError
from core.model.checkpoint import load_checkpoint
from core.training import pretrain
from core.training.kinds_of_sessions import KINDS_FILE
from tests.core.model.shop import make_shop
from tests.core.training.support import Context, Spec, session_annotations, write_snapshot

ARGUMENTS = {"size": "tiny", "epochs": 3, "batch_events": 256, "text_epochs": 30, "picture_epochs": 4}


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pretrain")
    media = folder / "media"
    media.mkdir()
    shop = make_shop(visitors=60)
    random = np.random.default_rng(0)
    for number in range(20):
        color = random.integers(0, 255, (1, 1, 3), dtype=np.uint8)
        Image.fromarray(np.broadcast_to(color, (64, 64, 3)).copy()).save(media / f"i{number}.png")
    shop.items["image"] = [f"i{number}.png" for number in range(30)]  # the last ten are absent
    return write_snapshot(folder / "snapshot", shop, session_annotations(shop, 10), media)


def _weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_checkpoint(folder).model.state_dict()


def test_every_part_of_the_loss_falls(snapshot: Path, tmp_path: Path) -> None:
    context = Context(Spec(snapshot, tmp_path, ARGUMENTS | {"epochs": 8}))
    result = pretrain.run(context)
    for phase, part in (("texts", "masked_word"), ("pictures", "rebuilt_picture"), ("events", "next_event_type")):
        losses = context.losses(phase, part)
        assert losses[-1] < losses[0], f"{part} went from {losses[0]} to {losses[-1]}"
    assert result["metrics"]["loss"] < context.losses("events")[0]


def test_the_model_folder_tells_what_it_is(snapshot: Path, tmp_path: Path) -> None:
    pretrain.run(Context(Spec(snapshot, tmp_path, ARGUMENTS)))
    checkpoint = load_checkpoint(tmp_path)
    assert checkpoint.intents == ()
    assert checkpoint.card["kind"] == "pretrained"
    assert checkpoint.card["snapshot_id"] == "snapshot-1"
    assert float(checkpoint.model.mean_event.abs().sum()) > 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "card.json",
        "config.json",
        "kinds.parquet",
        "model.safetensors",
        "tokenizer.json",
        "vocabulary.json",
    ]


@pytest.mark.parametrize("stop_after", [3, 12, 30])
def test_a_stopped_run_resumes_to_the_same_weights(snapshot: Path, tmp_path: Path, stop_after: int) -> None:
    pretrain.run(Context(Spec(snapshot, tmp_path / "whole", ARGUMENTS)))
    spec = Spec(snapshot, tmp_path / "stopped", ARGUMENTS)
    with pytest.raises(JobStoppedError, match="resume"):
        pretrain.run(Context(spec, stop_after=stop_after))
    pretrain.run(Context(spec))
    stopped, whole = _weights(tmp_path / "stopped"), _weights(tmp_path / "whole")
    assert max(float((stopped[name] - whole[name]).abs().max()) for name in whole) == 0.0


def test_a_run_stopped_while_it_sorts_sessions_resumes_to_the_same_kinds(snapshot: Path, tmp_path: Path) -> None:
    short = ARGUMENTS | {"epochs": 1}
    whole = Context(Spec(snapshot, tmp_path / "whole", short))
    pretrain.run(whole)
    assert [step for phase, step, total, _ in whole.reports if phase == "kinds" and step == total]
    stopped = Context(Spec(snapshot, tmp_path / "stopped", short), stop_after=whole.asked - 4)
    with pytest.raises(JobStoppedError, match="resume"):
        pretrain.run(stopped)
    assert stopped.reports[-1][0] == "kinds"
    assert not (tmp_path / "stopped" / KINDS_FILE).exists()
    pretrain.run(Context(stopped.spec))
    kinds = [pd.read_parquet(tmp_path / name / KINDS_FILE) for name in ("whole", "stopped")]
    pd.testing.assert_frame_equal(*kinds)


def test_the_seed_decides_the_weights(snapshot: Path, tmp_path: Path) -> None:
    short = ARGUMENTS | {"epochs": 1}
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        pretrain.run(Context(Spec(snapshot, tmp_path / name, short, seed=seed)))
    a, b, c = (_weights(tmp_path / name) for name in "abc")
    assert all(torch.equal(a[name], b[name]) for name in a)
    assert not all(torch.equal(a[name], c[name]) for name in a)


def test_bad_arguments_are_named(snapshot: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidSettingError, match="'huge'"):
        pretrain.run(Context(Spec(snapshot, tmp_path, {"size": "huge"})))
    with pytest.raises(InvalidSettingError, match="'speed'"):
        pretrain.run(Context(Spec(snapshot, tmp_path, {"speed": 3})))
    with pytest.raises(InvalidSettingError, match="expected int"):
        pretrain.run(Context(Spec(snapshot, tmp_path, {"epochs": "many"})))


def test_an_empty_snapshot_is_named(tmp_path: Path) -> None:
    shop = make_shop(visitors=2)
    empty = type(shop)(shop.events.iloc[:0], shop.items, shop.truth)
    folder = write_snapshot(tmp_path / "snapshot", empty, session_annotations(shop, 0))
    with pytest.raises(UnreadableFileError, match="no events"):
        pretrain.run(Context(Spec(folder, tmp_path / "output", ARGUMENTS)))
    with pytest.raises(UnreadableFileError, match="cannot be read"):
        pretrain.run(Context(Spec(tmp_path / "nowhere", tmp_path / "output", ARGUMENTS)))
