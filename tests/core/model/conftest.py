"""A small untrained model over the test shop, with pictures for half of the items."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.model.checkpoint import Checkpoint
from core.model.config import config_of_size
from core.model.featurizer import Featurizer, distinct_texts
from core.model.scorer import SessionScorer
from core.model.session_model import SessionModel
from core.model.text_encoder import train_tokenizer
from tests.core.model.shop import INTENTS, Shop, make_shop


@pytest.fixture(scope="session")
def shop() -> Shop:
    return make_shop()


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory, shop: Shop) -> Path:
    """Pictures of the even items; the shop's frame then names them."""
    folder = tmp_path_factory.mktemp("media")
    random = np.random.default_rng(0)
    for number in range(0, 30, 2):
        pixels = random.integers(0, 255, (64, 64, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"i{number}.png")
    shop.items["image"] = [f"i{number}.png" if number % 2 == 0 else None for number in range(30)]
    return folder


def make_checkpoint(shop: Shop, *, intents: tuple[str, ...] = INTENTS, max_events: int = 16) -> Checkpoint:
    """A seeded, untrained tiny model with weights large enough for its outputs to differ."""
    torch.manual_seed(0)
    config = config_of_size("tiny", max_events=max_events, intents=list(intents) or None, initializer_range=0.1)
    tokenizer = train_tokenizer(distinct_texts(shop.events, shop.items), config.text_vocabulary_size)
    featurizer = Featurizer.fit(shop.events, shop.items)
    return Checkpoint(SessionModel(config).eval(), featurizer, tokenizer, {"model_id": "test-model"})


@pytest.fixture
def scorer(shop: Shop, media: Path) -> SessionScorer:
    return SessionScorer(make_checkpoint(shop))
