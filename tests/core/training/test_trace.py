"""A trace keeps evenly spaced states with their rates, and says what is wrong with a damaged one."""

import json
from pathlib import Path

import pytest
import torch
from torch import nn

from core.errors import BrokenCheckpointError
from core.events.synthetic import sample_folder
from core.model.checkpoint import load_checkpoint
from core.training.arguments import FinetuneArguments
from core.training.trace import STATES, TRACE_FOLDER, Trace, is_kept, load_weights, read_taught, read_trace


def _traced(folder: Path, steps: int) -> None:
    trace = Trace(folder / TRACE_FOLDER)
    model = nn.Linear(1, 1)
    for done in range(1, steps + 1):
        nn.init.constant_(model.weight, done)
        trace.stepped(done, steps, 1.0 / done, model)
    trace.close()


def test_states_are_evenly_apart_and_the_last_is_the_delivered_model(tmp_path: Path) -> None:
    _traced(tmp_path, 9)
    traced = read_trace(tmp_path)
    assert traced is not None
    assert traced.learning_rates == pytest.approx((1 / 3, 1 / 6, 1 / 9))
    assert [float(load_weights(path)["weight"]) for path in traced.checkpoints] == [3.0, 6.0]
    assert len(traced.learning_rates) == STATES


@pytest.mark.parametrize(("steps", "states"), [(0, 1), (1, 1), (2, 2), (4, 3)])
def test_few_steps_leave_fewer_states(steps: int, states: int, tmp_path: Path) -> None:
    _traced(tmp_path, steps)
    traced = read_trace(tmp_path)
    assert traced is not None
    assert (len(traced.learning_rates), len(traced.checkpoints)) == (states, states - 1)
    assert all(path.is_file() for path in traced.checkpoints)


def test_encoders_are_not_kept(tmp_path: Path) -> None:
    model = nn.ModuleDict({"text_encoder": nn.Linear(1, 1), "head": nn.Linear(1, 1)})
    trace = Trace(tmp_path / TRACE_FOLDER)
    trace.stepped(1, 3, 0.1, model)
    trace.stepped(3, 3, 0.1, model)
    trace.close()
    traced = read_trace(tmp_path)
    assert traced is not None
    assert set(load_weights(traced.checkpoints[0])) == {"head.weight", "head.bias"}


def test_a_model_without_a_trace_has_none(tmp_path: Path) -> None:
    assert read_trace(tmp_path) is None
    assert read_taught(tmp_path) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"learning_rates": 3}'])
def test_a_damaged_trace_is_named(text: str, tmp_path: Path) -> None:
    folder = tmp_path / TRACE_FOLDER
    folder.mkdir()
    (folder / "trace.json").write_text(text)
    (folder / "taught.parquet").write_text("no parquet")
    with pytest.raises(BrokenCheckpointError, match=r"trace\.json"):
        read_trace(tmp_path)
    with pytest.raises(BrokenCheckpointError, match=r"taught\.parquet"):
        read_taught(tmp_path)
    with pytest.raises(BrokenCheckpointError, match="checkpoint-1"):
        load_weights(folder / "checkpoint-1.safetensors")


def test_only_one_seed_without_adapters_is_kept() -> None:
    assert is_kept(FinetuneArguments(recipe="full"))
    assert is_kept(FinetuneArguments(recipe="head"))
    assert not is_kept(FinetuneArguments(recipe="lora"))
    assert not is_kept(FinetuneArguments(recipe="full", seeds=2))
    assert not is_kept(FinetuneArguments(recipe="full", text_tuning="lora"))


def test_weights_are_copies(tmp_path: Path) -> None:
    model = nn.Linear(1, 1)
    trace = Trace(tmp_path / TRACE_FOLDER)
    before = model.weight.detach().clone()
    trace.stepped(1, 3, 0.1, model)
    nn.init.constant_(model.weight, 5.0)
    assert torch.equal(load_weights(tmp_path / TRACE_FOLDER / "checkpoint-1.safetensors")["weight"], before)


def test_the_sample_shops_model_keeps_three_states_that_its_network_takes() -> None:
    folder = sample_folder() / "model" / "finetuned"
    traced, taught = read_trace(folder), read_taught(folder)
    assert traced is not None
    assert taught is not None
    assert len(traced.learning_rates) == STATES
    model = load_checkpoint(folder).model
    for path in traced.checkpoints:
        found = model.load_state_dict(load_weights(path), strict=False)
        assert not found.unexpected_keys
        assert all(name.startswith(("text_encoder.", "image_encoder.")) for name in found.missing_keys)
        assert path.stat().st_size < 2_000_000, "in 16 bits: everybody downloads it"
    annotations = (sample_folder() / "annotations.jsonl").read_text(encoding="utf-8").splitlines()
    labeled = {json.loads(line)["session_id"] for line in annotations}
    assert set(taught["session_id"]) <= labeled
