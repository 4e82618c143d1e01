"""A model at the moments of its training that count, and what it made of the labeled events at each."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from core.explain.lessons.taught import Taught
from core.model.checkpoint import Checkpoint
from core.model.scorer import SessionScorer
from core.training.trace import load_weights, read_trace

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Moment:
    """One checkpoint with its learning rate.

    features: [R, D + 1] float32, what the head's linear layer reads at each labeled event, and a one for its bias
    errors: [R, K] float32, weight · (target − probability) there: minus the loss's gradient by the logits
    """

    scorer: SessionScorer
    learning_rate: float
    features: np.ndarray
    errors: np.ndarray


@dataclass(frozen=True)
class Reading:
    """What a model reads at one event: `features` [.., D + 1], `raw` probabilities [.., K] as the loss knows them."""

    features: np.ndarray
    raw: np.ndarray


def scorers_of(scorer: SessionScorer, folder: Path) -> list[tuple[SessionScorer, float]]:
    """The model at each moment that its folder keeps, the delivered one last, with the learning rates.

    Raises:
        BrokenCheckpointError: the trace is damaged.
    """
    traced = read_trace(folder)
    if traced is None:
        return [(scorer, 1.0)]
    checkpoint = Checkpoint(scorer.model, scorer.featurizer, scorer.tokenizer, scorer.card, scorer.foreign)
    earlier = []
    for path in traced.checkpoints:
        model = copy.deepcopy(scorer.model)
        model.load_state_dict(load_weights(path), strict=False)
        earlier.append(SessionScorer(replace(checkpoint, model=model)))
    return list(zip([*earlier, scorer], traced.learning_rates, strict=True))


def read_states(scorer: SessionScorer, states: np.ndarray) -> Reading:
    """From last hidden states [.., d] float32."""
    head = scorer.model.intent_head
    if head is None:
        raise ValueError("the model has no intent head, expected a finetuned one.")
    with torch.inference_mode():
        read = head.standardize(scorer.model.next_event.forecast(torch.from_numpy(states)))
        raw = torch.softmax(head.output(read), dim=-1).numpy()
    ones = np.ones((*states.shape[:-1], 1), dtype=np.float32)
    return Reading(np.concatenate([read.numpy(), ones], axis=-1), raw)


def read_moment(
    scorer: SessionScorer, learning_rate: float, taught: Taught, media: Path | None, progress: Progress | None = None
) -> tuple[Moment, np.ndarray]:
    """Read all labeled events; beside the moment their last hidden states [R, d] float32."""
    wanted = np.zeros(len(taught.events), dtype=bool)
    wanted[taught.rows] = True
    _, states = scorer.score_and_embed(taught.events, taught.items, wanted, media, progress)
    reading = read_states(scorer, states)
    errors = taught.weights[:, None] * (taught.targets - reading.raw)
    return Moment(scorer, learning_rate, reading.features, errors.astype(np.float32)), states


def state_at_end(scorer: SessionScorer, events: pd.DataFrame, items: pd.DataFrame, media: Path | None) -> np.ndarray:
    """The last hidden state [d] float32 at the last of one visitor's events."""
    with torch.inference_mode():
        states = scorer.model(scorer.batch(events, items, media)).last_hidden_state
    end: np.ndarray = states[0, -1].numpy()
    return end
