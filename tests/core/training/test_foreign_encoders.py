"""Foreign encoders and left-out fields through the real jobs: pretraining, then fine-tuning on top."""

import json
from pathlib import Path

import numpy as np
import pytest

from core.errors import InvalidSettingError
from core.model.scorer import SessionScorer
from core.training import finetune, pretrain
from tests.core.model.encoders import TEXT_WIDTH, save_image_encoder, save_text_encoder
from tests.core.model.shop import make_shop
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
    assert {phase for phase, *_ in context.reports} == {"events"}, "foreign encoders need no lessons"
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
