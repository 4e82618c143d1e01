"""Supervised steps over the windows that hold labels: weighted soft cross entropy at the labeled events."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from core.model.session_model import SessionModel
from core.training.arguments import FinetuneArguments
from core.training.calibration import fit_temperature
from core.training.context import TrainingContext, stop_if_asked
from core.training.encoder_tuning import EncoderTuning
from core.training.labeled_windows import LabeledWindows, read_out
from core.training.labels import Labels, smoothed
from core.training.linear_probe import ProbeRows, fit_head
from core.training.loop import Losses, Phase, schedule, train_phase
from core.training.masking import mask_fields
from core.training.metrics import standard_error
from core.training.optimizer import Optimizer
from core.training.prepared import PreparedEvents, epoch_batches
from core.training.recipes import RECIPES
from core.training.regularizers import REGULARIZERS
from core.training.regularizers.regularizer import LabeledStep, Regularizer
from core.training.semisupervised.pseudo_labels import add_pseudo_labels
from core.training.semisupervised.teacher import Teacher
from core.training.trace import Trace

_MOST_CLASS_WEIGHT = 4.0
_MOST_HEAD_ROWS = 6000
_LEAST_WEIGHED = 20
"""Held-out sessions; fewer do not tell a taught model from its head: one answered wrong would decide."""

__all__ = ["LabeledWindows", "Supervision", "class_weights", "read_out"]


class Supervision:
    """Fits a model to labels: its head to the forecasts first, then what the recipe trains.

    Args:
        teacher: knows the shop's unlabeled events; asked where the arguments want a teacher.
        tuning: lets the text or the picture encoder learn too.
    """

    def __init__(
        self,
        model: SessionModel,
        prepared: PreparedEvents,
        labels: Labels,
        arguments: FinetuneArguments,
        seed: int,
        teacher: Teacher | None = None,
        tuning: EncoderTuning | None = None,
    ) -> None:
        if model.intent_head is None:
            raise ValueError("the model has no intent head, expected one made by with_intents.")
        self._model = model
        self._prepared = prepared
        self._labels = labels
        self._arguments = arguments
        self._seed = seed
        self._teacher = teacher
        self._tuning = tuning
        self._head = model.intent_head
        self._recipe = RECIPES[arguments.recipe](model, arguments.layer_decay)
        self._regularizers: list[Regularizer] = [
            kind(float(getattr(arguments, name))) for name, kind in REGULARIZERS.items() if getattr(arguments, name)
        ]

    def fit(
        self,
        context: TrainingContext,
        phase: str,
        epochs: int,
        held_out: Labels | None = None,
        *,
        goes_on: bool = False,
        trace: Trace | None = None,
    ) -> int:
        """Fit the head to the labels, then train on; with held-out labels go back to the epoch that did best there.

        A teacher gives so much to learn from that training does not turn to rote, and the few held-out labels tell one
        epoch from the next less well than they tell all of them from none: then only the last is weighed against the
        head alone, and kept unless it is worse by more than chance (one standard error over the sessions; fewer than
        twenty of them decide nothing).

        Args:
            epochs: to train at most, or exactly when nothing is held out; 0 leaves it at the fitted head.
            goes_on: the head was trained already, and is not fitted anew.
            trace: keeps the weights on the way, where nothing is held out.

        Returns:
            The number of epochs the delivered weights have seen.
        """
        stop_if_asked(context)
        if not goes_on:
            self._fit_head(self._labels)
        if epochs == 0:
            return 0
        labels = self._more(self._labels, held_out)
        lessons = _Lessons(self._prepared, labels, self._arguments, self._seed)
        torch.manual_seed(self._seed)
        trained = self._recipe.begin(len(lessons))
        if self._recipe.moves_states:
            self._fit_head(self._labels)
        optimizer = self._recipe.optimizer(trained, self._arguments.learning_rate, self._arguments.weight_decay)
        encoders = nn.ModuleList()
        if self._tuning is not None and self._recipe.trains:
            encoders = self._tuning.begin(optimizer, self._arguments.weight_decay)
            trained.extend(encoders)
        sessions = held_out.sessions if held_out is not None and self._arguments.teacher else None
        watch = _EarlyStopping(nn.ModuleList([self._model, *encoders]), self._arguments.patience, sessions)
        if held_out is not None:
            watch.worse(0, self._held_out_losses(held_out))
        if labels is not self._labels and not goes_on:
            self._fit_head(labels)
        if self._recipe.trains:
            self._train(context, phase, trained, optimizer, lessons, watch, epochs, held_out, trace)
        elif held_out is not None:
            watch.worse(1, self._held_out_losses(held_out))
        epochs = epochs if held_out is None else watch.back_to_best()
        self._recipe.finish()
        if self._tuning is not None and self._recipe.trains:
            self._tuning.finish()
        return epochs

    def _more(self, labels: Labels, held_out: Labels | None) -> Labels:
        """The labels and what can be said of unlabeled events, where that is asked for."""
        if self._arguments.teacher and self._teacher is not None:
            return self._teacher.teach(labels, held_out)
        if self._arguments.pseudo_labels:
            threshold, events = self._arguments.pseudo_labels, len(self._prepared.table)
            return add_pseudo_labels(
                labels, events, threshold, lambda rows: read_out(self._model, self._prepared, rows)[1]
            )
        return labels

    def _train(
        self,
        context: TrainingContext,
        phase: str,
        trained: nn.ModuleList,
        optimizer: Optimizer,
        lessons: "_Lessons",
        watch: "_EarlyStopping",
        epochs: int,
        held_out: Labels | None,
        trace: Trace | None,
    ) -> None:
        arguments = self._arguments
        run = Phase(phase, 0, len(lessons), arguments.learning_rate, arguments.weight_decay)
        for regularizer in self._regularizers:
            regularizer.begin(self._model, self._prepared)

        def finished(done: int) -> bool:
            self._recipe.stepped(done - 1)
            for regularizer in self._regularizers:
                regularizer.stepped(self._model)
            if trace is not None and held_out is None:
                rate = run.learning_rate * schedule(done - 1, run.steps, run.warmup_share)
                trace.stepped(done, lessons.steps_of(epochs), rate, self._model)
            epoch = lessons.epoch_ended(done)
            if epoch is None:
                return False
            if held_out is None:
                return epoch >= epochs
            if arguments.teacher and epoch < epochs:
                return False
            with self._averaged():
                if self._tuning is not None:
                    self._tuning.refresh()
                losses = self._held_out_losses(held_out)
                stop = watch.worse(epoch, losses)
            trained.train()
            context.report(done, len(lessons), phase, held_out_loss=float(losses.mean()), epoch=epoch)
            return stop

        train_phase(
            run,
            trained,
            lambda step: self._losses(lessons, step),
            context,
            finished=finished,
            optimizer=optimizer,
        )
        if held_out is None:
            for regularizer in self._regularizers:
                regularizer.finish(self._model)

    @contextmanager
    def _averaged(self) -> Iterator[None]:
        """The model as its regularisers would deliver it; afterwards as it trains."""
        if not self._arguments.averaging:
            yield
            return
        training = {name: value.clone() for name, value in self._model.state_dict().items()}
        for regularizer in self._regularizers:
            regularizer.finish(self._model)
        yield
        self._model.load_state_dict(training)

    def _fit_head(self, labels: Labels) -> None:
        """By regression; of very many rows a seeded sample, whose soft answers need no search for a penalty."""
        groups = labels.sessions
        if len(labels) > _MOST_HEAD_ROWS:
            labels = labels.take(np.random.default_rng(self._seed).permutation(len(labels))[:_MOST_HEAD_ROWS])
            groups = np.zeros(len(labels), dtype=np.int64)
        forecasts, _ = read_out(self._model, self._prepared, labels)
        rows = ProbeRows(
            forecasts=forecasts,
            targets=torch.from_numpy(smoothed(labels.targets, self._arguments.label_smoothing)),
            weights=torch.from_numpy(loss_weights(labels, self._arguments)),
            groups=groups,
            decisive=torch.from_numpy(labels.decisive),
        )
        fit_head(self._head, rows, self._seed)

    def _losses(self, lessons: "_Lessons", step: int) -> Losses:
        random = np.random.default_rng([self._seed, step, 1])
        chosen = lessons.batches[step]
        windows = lessons.labeled.windows.take(chosen)
        for regularizer in self._regularizers:
            first = lessons.labeled.first_label[chosen] - (windows.start - lessons.labeled.windows.start[chosen])
            windows = regularizer.crop(windows, first, random)
        unmasked = self._prepared.batch(windows)
        if self._tuning is not None:
            unmasked = self._tuning.fresh(unmasked)
        generator = torch.Generator().manual_seed(self._seed * 1_000_003 + step)
        label = torch.from_numpy(lessons.labeled.labels_in(windows, unmasked.shape[1]))  # [B, T]
        for regularizer in self._regularizers:
            unmasked = regularizer.change(unmasked, label >= 0, generator)
        batch, _ = mask_fields(unmasked, self._arguments.field_masking, generator)
        fields = self._model.encode_fields(batch)
        output = self._model(field_embeddings=fields)
        rows = label[label >= 0]
        view = LabeledStep(
            model=self._model,
            batch=batch,
            unmasked=unmasked,
            fields=fields,
            states=output.last_hidden_state,
            labeled=label >= 0,
            logits=output.intent_logits[label >= 0],
            targets=lessons.targets[rows],
            weights=lessons.weights[rows],
            generator=generator,
        )
        losses = {"intent": view.loss(view.logits)} | self._recipe.losses()
        for regularizer in self._regularizers:
            losses |= regularizer.losses(view)
        return losses

    def _held_out_losses(self, held_out: Labels) -> np.ndarray:
        """[R] log losses at the temperature that suits: how sure a model is gets mended later, and must not decide."""
        self._model.eval()
        _, logits = read_out(self._model, self._prepared, held_out)
        temperature = fit_temperature(logits.numpy(), held_out.answers())
        return F.cross_entropy(logits / temperature, torch.from_numpy(held_out.targets), reduction="none").numpy()


class _Lessons:
    """Labels as batches of windows to train on, epoch by epoch, with targets [R, K] and weights [R]."""

    def __init__(self, prepared: PreparedEvents, labels: Labels, arguments: FinetuneArguments, seed: int) -> None:
        self.labeled = LabeledWindows(prepared, labels)
        self.targets = torch.from_numpy(smoothed(labels.targets, arguments.label_smoothing))
        self.weights = torch.from_numpy(loss_weights(labels, arguments))
        epochs = [
            epoch_batches(self.labeled.windows, arguments.batch_events, np.random.default_rng([seed, epoch]))
            for epoch in range(arguments.epochs)
        ]
        self.batches = [batch for epoch in epochs for batch in epoch]
        self._ends = np.cumsum([len(epoch) for epoch in epochs])

    def __len__(self) -> int:
        return len(self.batches)

    def steps_of(self, epochs: int) -> int:
        """The steps of the first so many epochs."""
        return int(self._ends[epochs - 1])

    def epoch_ended(self, done: int) -> int | None:
        """The epoch (from 1) that ends with so many steps done, if one does."""
        return int(np.searchsorted(self._ends, done)) + 1 if done in self._ends else None


class _EarlyStopping:
    """Remembers the best weights; says when `patience` epochs brought nothing better.

    Args:
        sessions: [R] of the held-out labels, where later epochs are to be forgiven what may be chance.
    """

    def __init__(self, model: nn.Module, patience: int, sessions: np.ndarray | None) -> None:
        self._model = model
        self._patience = patience
        self._sessions = sessions
        self._first: np.ndarray | None = None
        self._best_loss = math.inf
        self._best_epoch = 0
        self._best: dict[str, torch.Tensor] = {}

    def worse(self, epoch: int, losses: np.ndarray) -> bool:
        """Weigh an epoch by the losses [R] of the held-out labels."""
        loss = float(losses.mean())
        if self._first is None:
            self._first = losses
        elif self._sessions is not None:
            loss -= _chance(losses - self._first, self._sessions)
        if loss < self._best_loss:
            self._best_loss, self._best_epoch = loss, epoch
            self._best = {name: value.clone() for name, value in self._model.state_dict().items()}
        return epoch - self._best_epoch >= self._patience

    def back_to_best(self) -> int:
        if self._best:
            self._model.load_state_dict(self._best)
        return self._best_epoch


def _chance(differences: np.ndarray, sessions: np.ndarray) -> float:
    """By how much the mean of the differences [R] of two models' losses may be off; infinite for a few sessions."""
    return standard_error(differences, sessions) if len(np.unique(sessions)) >= _LEAST_WEIGHED else math.inf


def class_weights(labels: Labels) -> np.ndarray:
    """[R] float32: rare intents weigh more, by the inverse root of their share, four times at most."""
    share = (labels.targets * labels.weights[:, None]).sum(axis=0)
    share = share / share.sum()
    weight = np.minimum(np.sqrt(1.0 / (len(share) * np.maximum(share, 1e-6))), _MOST_CLASS_WEIGHT)
    return (labels.targets @ weight).astype(np.float32)


def loss_weights(labels: Labels, arguments: FinetuneArguments) -> np.ndarray:
    """[R] float32 with which each row counts in the loss."""
    weights: np.ndarray = labels.weights * class_weights(labels) if arguments.class_weights else labels.weights
    return weights
