"""Small models taught a rule that is known: one word, or one patch of colour, alone decides the intent."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from PIL import Image

from core.events.schema import EVENT_COLUMNS, ITEM_COLUMNS
from core.model.checkpoint import Checkpoint
from core.model.config import config_of_size
from core.model.featurizer import Featurizer
from core.model.foreign import ForeignEncoders
from core.model.foreign_encoder import ForeignTextEncoder
from core.model.image_encoder import read_picture
from core.model.scorer import SessionScorer
from core.model.session_model import SessionModel
from core.model.text_encoder import token_ids, train_tokenizer

INTENTS = ["browse", "support"]
WORDS = ["red", "mug", "退", "large", "台灯", "lamp", "refund", "green", "cup", "desk"]
SQUARES = 4
"""Squares a side, one of which may hold the patch."""


def texts(random: np.random.Generator, count: int) -> list[str]:
    return [" ".join(random.choice(WORDS, size=4, replace=False)) for _ in range(count)]


def messages(said: list[str]) -> pd.DataFrame:
    """One visitor and one message each."""
    at = datetime(2026, 5, 1)
    rows = [
        dict.fromkeys(EVENT_COLUMNS)
        | {"event_id": f"e{n:05}", "visitor_id": f"v{n:05}", "session_id": f"s{n:05}", "event_type": "message"}
        | {"occurred_at": at, "received_at": at, "text": text}
        for n, text in enumerate(said)
    ]
    return pd.DataFrame(rows, columns=list(EVENT_COLUMNS))


def items(names: list[str]) -> pd.DataFrame:
    """An item a picture, the item's id the picture's name without its end."""
    rows = [
        dict.fromkeys(ITEM_COLUMNS) | {"item_id": name.removesuffix(".png"), "title": "", "image": name}
        for name in names
    ]
    return pd.DataFrame(rows, columns=list(ITEM_COLUMNS))


def word_scorer(decides: str, encoder: ForeignTextEncoder | None = None) -> SessionScorer:
    """A model that tells support by the word `decides`, through its own text encoder or a foreign one."""
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    said = texts(random, 400)
    foreign = ForeignEncoders(encoder)
    events = messages(said)
    config = config_of_size("tiny", max_events=4, intents=INTENTS, **foreign.settings())
    model = SessionModel(config)
    tokenizer = train_tokenizer(said, config.text_vocabulary_size)
    checkpoint = Checkpoint(model, Featurizer.fit(events, items([])), tokenizer, {"model_id": "planted"}, foreign)
    labels = torch.tensor([int(decides in text.split()) for text in said])
    batch = SessionScorer(checkpoint).batch(events.head(1), items([]))
    ids = token_ids(tokenizer, said, config.max_tokens)
    fixed = None if foreign.text is None else foreign.text.encode(said)
    with torch.no_grad():
        rest = model.event_encoder(batch)[0, 0]

    def fields(rows: torch.Tensor) -> torch.Tensor:
        vectors = model.text_encoder(ids[rows]) if fixed is None else fixed[rows]
        embedded = rest.repeat(len(rows), 1, 1)
        embedded[:, 1] = model.event_encoder.own_text.project(vectors) + model.event_encoder.title.missing
        return embedded

    _teach(model, fields, labels)
    return SessionScorer(checkpoint)


def picture_scorer(media: Path) -> tuple[SessionScorer, list[str], list[int]]:
    """A model that tells support by a red patch; the pictures' names and the square of each one's patch (-1: none)."""
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    names, patched = [f"p{number}.png" for number in range(240)], []
    for name in names:
        pixels = random.integers(90, 160, (32, 32, 3), dtype=np.uint8)
        square = int(random.integers(0, SQUARES * SQUARES)) if random.random() < 0.5 else -1
        if square >= 0:
            row, column = divmod(square, SQUARES)
            pixels[row * 8 : row * 8 + 8, column * 8 : column * 8 + 8] = (250, 10, 10)
        Image.fromarray(pixels).save(media / name)
        patched.append(square)
    events = messages([""] * len(names)).assign(item_id=[name.removesuffix(".png") for name in names], text=None)
    config = config_of_size("tiny", max_events=4, intents=INTENTS)
    model = SessionModel(config)
    tokenizer = train_tokenizer(["mug"], config.text_vocabulary_size)
    checkpoint = Checkpoint(model, Featurizer.fit(events, items(names)), tokenizer, {"model_id": "planted"})
    with torch.no_grad():
        rest = model.event_encoder(SessionScorer(checkpoint).batch(events.head(1), items(names), media))[0, 0]
    pictures = torch.from_numpy(np.stack([read_picture(media / name, 32) for name in names]))

    def fields(rows: torch.Tensor) -> torch.Tensor:
        embedded = rest.repeat(len(rows), 1, 1)
        embedded[:, 2] = model.event_encoder.image.project(model.image_encoder(pictures[rows]))
        return embedded

    _teach(model, fields, torch.tensor([int(square >= 0) for square in patched]))
    return SessionScorer(checkpoint), names, patched


def _teach(model: SessionModel, fields, labels: torch.Tensor, steps: int = 120) -> None:
    model.train().requires_grad_(True)
    generator = torch.Generator().manual_seed(0)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(steps):
        rows = torch.randint(len(labels), (48,), generator=generator)
        logits = model(field_embeddings=fields(rows)[:, None]).intent_logits[:, -1]
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(logits, labels[rows]).backward()
        optimizer.step()
    with torch.no_grad():
        model.mean_event.copy_(fields(torch.arange(len(labels))).mean(dim=0))
    model.eval().requires_grad_(False)
