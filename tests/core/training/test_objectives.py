"""One contract for every objective: finite, teaches the backbone, falls when trained on; the contrast does not peek."""

from dataclasses import replace

import pytest
import torch

from core.errors import InvalidSettingError
from core.model.session_model import SessionModel
from core.training.arguments import PretrainArguments
from core.training.masking import mask_fields
from core.training.objectives.registry import OBJECTIVES, chosen_objectives
from core.training.objectives.session_contrast import CONTRAST_WEIGHT
from core.training.objectives.step import PretrainingStep
from core.training.prepared import PreparedEvents
from core.training.pretrain import new_checkpoint
from core.training.snapshot import read_snapshot
from tests.core.model.shop import make_shop
from tests.core.training.support import session_annotations, write_snapshot

Ready = tuple[SessionModel, PreparedEvents]


@pytest.fixture
def ready(tmp_path: object, tmp_path_factory: pytest.TempPathFactory) -> Ready:
    shop = make_shop(visitors=16)
    folder = write_snapshot(tmp_path_factory.mktemp("objectives") / "snapshot", shop, session_annotations(shop, 4))
    snapshot = read_snapshot(folder)
    checkpoint = new_checkpoint(snapshot, "tiny", 0)
    return checkpoint.model, PreparedEvents(checkpoint, snapshot)


def _step(ready: Ready, hide: float = 0.3) -> PretrainingStep:
    model, prepared = ready
    generator = torch.Generator().manual_seed(5)
    batch = prepared.batch(prepared.windows)
    seen, hidden = mask_fields(batch, hide, generator)
    fields = model.encode_fields(seen)
    states = model(field_embeddings=fields).last_hidden_state
    return PretrainingStep(model, batch, fields, states, hidden, generator)


def _loss(name: str, step: PretrainingStep) -> torch.Tensor:
    return torch.stack(list(OBJECTIVES[name](step).values())).sum()


@pytest.mark.parametrize("name", OBJECTIVES)
def test_an_objective_teaches_the_backbone_and_falls(ready: Ready, name: str) -> None:
    optimizer = torch.optim.AdamW(ready[0].parameters(), lr=3e-3)
    values = []
    for _ in range(15):
        loss = _loss(name, _step(ready))
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        taught = [parameter.grad for parameter in ready[0].backbone.parameters() if parameter.grad is not None]
        assert any(float(gradient.abs().max()) > 0 for gradient in taught)
        optimizer.step()
        values.append(float(loss.detach()))
    assert 0 < values[-1] < 0.97 * values[0], f"{name} went from {values[0]} to {values[-1]}"


@pytest.mark.parametrize("name", OBJECTIVES)
def test_an_objective_does_not_read_what_is_padded(ready: Ready, name: str) -> None:
    step = _step(ready)
    padded = ~step.batch.attention_mask
    assert bool(padded.any())
    noise = torch.randn(step.states.shape, generator=torch.Generator().manual_seed(1))
    other = replace(step, states=torch.where(padded[..., None], noise, step.states))
    seed = step.generator.get_state()
    before = _loss(name, step)
    step.generator.set_state(seed)
    torch.testing.assert_close(_loss(name, other), before)


def test_popular_items_are_stronger_negatives(ready: Ready) -> None:
    step = _step(ready)
    plain, popular = OBJECTIVES["next_item"](step), OBJECTIVES["next_item_popular"](step)
    assert bool(popular["next_item"] > plain["next_item"])  # the same guesses against more negatives
    torch.testing.assert_close(popular["next_text"], plain["next_text"])


def test_contrast_without_knowledge_is_a_guess_among_the_streams(ready: Ready) -> None:
    step = _step(ready)
    same_end = replace(step, states=torch.ones_like(step.states), fields=torch.zeros_like(step.fields))
    guess = torch.exp(_loss("session_contrast", same_end) / CONTRAST_WEIGHT)
    assert 2 <= round(guess.item()) <= len(step.states)
    assert abs(guess.item() - round(guess.item())) < 0.01


def test_the_default_mix_is_known_and_unknown_names_are_told() -> None:
    assert len(chosen_objectives(PretrainArguments().objectives)) == 6
    with pytest.raises(InvalidSettingError, match="'guess_all'"):
        chosen_objectives("guess_all")
    with pytest.raises(InvalidSettingError, match="expected names of"):
        chosen_objectives(" , ")
