"""Pretraining job: tokenizer, text encoder, picture encoder, then self-supervision on every visitor's stream."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from core.model.checkpoint import Checkpoint, save_checkpoint
from core.model.config import config_of_size
from core.model.featurizer import Featurizer, distinct_texts
from core.model.foreign import ForeignEncoders
from core.model.left_out import names_in
from core.model.session_model import SessionModel
from core.model.text_encoder import train_tokenizer
from core.training.arguments import PretrainArguments, read_arguments
from core.training.card import make_card
from core.training.context import TrainingContext, stop_if_asked
from core.training.kinds_of_sessions import save_kinds
from core.training.loop import Losses, Phase, train_phase
from core.training.masking import mask_fields
from core.training.objectives.registry import chosen_objectives
from core.training.objectives.step import PretrainingStep
from core.training.picture_pretraining import RebuiltPictures
from core.training.prepared import PreparedEvents, epoch_batches, fitting_steps
from core.training.resume import ResumePoint
from core.training.snapshot import TrainingSnapshot, read_snapshot
from core.training.text_pretraining import MaskedWords

_TEXT_LEARNING_RATE = 1e-3
_PICTURE_LEARNING_RATE = 2e-3


def run(context: TrainingContext) -> dict[str, Any]:
    """Pretrain on the snapshot and write a model folder to the run's output.

    Returns:
        {"metrics": {"loss": ..., ...}, "events": N}.

    Raises:
        UnreadableFileError, InvalidSettingError, TrainingDivergedError, JobStoppedError.
    """
    spec = context.spec
    arguments = read_arguments(PretrainArguments, spec.arguments)
    torch.set_num_threads(spec.threads)
    snapshot = read_snapshot(spec.snapshot)
    context.log(f"{len(snapshot.events)} events, {len(snapshot.items)} items; size {arguments.size}")
    foreign = ForeignEncoders.choose(arguments.text_encoder, arguments.image_encoder)
    left_out = names_in(arguments.leave_out)
    checkpoint = new_checkpoint(snapshot, arguments.size, spec.seed, foreign=foreign, left_out=left_out)
    resume = ResumePoint(spec.output)
    resume.restore(checkpoint.model)
    metrics = _train(context, arguments, checkpoint, snapshot, resume)
    checkpoint.card = make_card(context, kind="pretrained", snapshot=snapshot, metrics=metrics, recipe=arguments)
    save_checkpoint(checkpoint, spec.output)
    resume.clear()
    return {"metrics": metrics, "events": len(snapshot.events)}


def new_checkpoint(
    snapshot: TrainingSnapshot,
    size: str,
    seed: int,
    intents: tuple[str, ...] = (),
    *,
    foreign: ForeignEncoders | None = None,
    left_out: tuple[str, ...] = (),
) -> Checkpoint:
    """An untrained model with a tokenizer and a featurizer of the shop's own, seeded."""
    foreign = foreign or ForeignEncoders()
    torch.manual_seed(seed)
    tokenizer = train_tokenizer(
        distinct_texts(snapshot.events, snapshot.items), config_of_size(size).text_vocabulary_size
    )
    config = config_of_size(size, intents=list(intents) or None, **foreign.settings())
    featurizer = Featurizer.fit(snapshot.events, snapshot.items, left_out)
    return Checkpoint(SessionModel(config).eval(), featurizer, tokenizer, {}, foreign)


def _train(
    context: TrainingContext,
    arguments: PretrainArguments,
    checkpoint: Checkpoint,
    snapshot: TrainingSnapshot,
    resume: ResumePoint,
) -> dict[str, float]:
    model, seed = checkpoint.model, context.spec.seed
    metrics = _train_encoders(context, arguments, checkpoint, snapshot, resume)
    prepared = PreparedEvents(checkpoint, snapshot)
    steps = NextEvents(model, prepared, arguments, seed)
    events = Phase("events", 2, len(steps), steps.learning_rate, arguments.weight_decay)
    loss = train_phase(events, steps.trained, steps, context, resume=resume, whole=model)
    model.mean_event.copy_(prepared.mean_event(checkpoint, seed))
    _find_kinds(context, model, prepared, snapshot)
    metrics = {"loss": loss} | metrics
    return {name: value for name, value in metrics.items() if math.isfinite(value)}


def _find_kinds(
    context: TrainingContext, model: SessionModel, prepared: PreparedEvents, snapshot: TrainingSnapshot
) -> None:
    """Sort the sessions into kinds, for the queue of the first labels."""

    def tick(done: int, total: int) -> None:
        stop_if_asked(context)
        context.report(done, total, "kinds")

    found = save_kinds(context.spec.output, model, prepared, snapshot, context.spec.seed, tick)
    context.log(f"{found} sessions sorted into kinds of behaviour" if found else "Too few sessions to find kinds")


def _train_encoders(
    context: TrainingContext,
    arguments: PretrainArguments,
    checkpoint: Checkpoint,
    snapshot: TrainingSnapshot,
    resume: ResumePoint,
) -> dict[str, float]:
    """Teach the model's own encoders; foreign ones come trained, and what is left out needs none."""
    model, seed, metrics = checkpoint.model, context.spec.seed, {}
    left_out = checkpoint.featurizer.vocabulary.left_out
    if model.text_encoder is not None and "text" not in left_out:
        texts = distinct_texts(snapshot.events, snapshot.items)
        words = MaskedWords(model.text_encoder, checkpoint.tokenizer, texts, seed)
        phase = Phase("texts", 0, words.steps(arguments.text_epochs), _TEXT_LEARNING_RATE)
        loss = train_phase(phase, model.text_encoder, words, context, resume=resume, whole=model)
        metrics["masked_word_loss"] = loss
    if model.image_encoder is not None and "image" not in left_out:
        rebuilt = RebuiltPictures(model.image_encoder, _pictures(snapshot), seed)
        phase = Phase("pictures", 1, rebuilt.steps(arguments.picture_epochs), _PICTURE_LEARNING_RATE)
        loss = train_phase(phase, model.image_encoder, rebuilt, context, resume=resume, whole=model)
        metrics["rebuilt_picture_loss"] = loss
    return metrics


def _pictures(snapshot: TrainingSnapshot) -> list[Path]:
    if snapshot.media is None:
        return []
    return [snapshot.media / name for name in sorted(set(snapshot.items["image"].dropna())) if name]


class NextEvents:
    """Steps of self-supervision over all windows; texts and pictures stay as encoded."""

    def __init__(self, model: SessionModel, prepared: PreparedEvents, arguments: PretrainArguments, seed: int) -> None:
        self.trained = nn.ModuleList([model.event_encoder, model.backbone, model.next_event])
        self._model = model
        self._prepared = prepared
        self._masking = arguments.field_masking
        self._objectives = chosen_objectives(arguments.objectives)
        self._seed = seed
        self._windows = prepared.windows.take(np.flatnonzero(prepared.windows.length > 1))
        size, self.learning_rate = fitting_steps(len(prepared.table), arguments.batch_events, arguments.learning_rate)
        self._batches = [
            batch
            for epoch in range(arguments.epochs)
            for batch in epoch_batches(self._windows, size, np.random.default_rng([seed, epoch]))
        ]

    def __len__(self) -> int:
        return len(self._batches)

    def __call__(self, step: int) -> Losses:
        batch = self._prepared.batch(self._windows.take(self._batches[step]))
        generator = torch.Generator().manual_seed(self._seed * 1_000_003 + step)
        seen, hidden = mask_fields(batch, self._masking, generator)
        fields = self._model.encode_fields(seen)
        states = self._model(field_embeddings=fields, attention_mask=seen.attention_mask).last_hidden_state
        made = PretrainingStep(self._model, batch, fields, states, hidden, generator)
        return {name: loss for objective in self._objectives for name, loss in objective(made).items()}
