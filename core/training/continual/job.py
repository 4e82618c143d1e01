"""The job that continues a model: yesterday's model learns today's labels and keeps what it knew.

As in fine-tuning, the measured model has not seen the latest of today's labels, and the delivered one has seen all.
"""

from typing import Any

import numpy as np
import torch

from core.errors import NoModelError, TooFewLabelsError
from core.model.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from core.training.arguments import read_arguments
from core.training.card import make_card
from core.training.context import TrainingContext
from core.training.continual.arguments import ContinueArguments
from core.training.continual.replay import LabelHistory, split_by_age, stratified, with_intents
from core.training.continual.steps import ContinuedSteps
from core.training.continual.widening import union, widened
from core.training.held_out import HeldOut
from core.training.labels import LEAST_LABELED_TARGETS, Labels, read_labels, split_by_time
from core.training.measuring import check_answers, sane_temperature
from core.training.prepared import PreparedEvents
from core.training.snapshot import TrainingSnapshot, read_snapshot
from core.training.supervision import read_out


def run(context: TrainingContext) -> dict[str, Any]:
    """Continue the base model on the labels made since, and write a model folder to the run's output.

    Returns:
        {"metrics": ..., "baselines": ..., "intents": [...], "labels": R, "new_labels": R', "replayed": R''}.

    Raises:
        NoModelError: there is no finetuned model to continue from.
        TooFewLabelsError, TrainingDivergedError, BrokenCheckpointError, UnreadableFileError, JobStoppedError.
    """
    arguments = read_arguments(ContinueArguments, context.spec.arguments)
    torch.set_num_threads(context.spec.threads)
    yesterday = _yesterday(context)
    snapshot = read_snapshot(context.spec.snapshot)
    history = _history(snapshot, yesterday, arguments)
    replayed = stratified(history.earlier, arguments.replay, context.spec.seed)
    context.log(_words(history, replayed, yesterday))
    return _Continuation(context, arguments, yesterday, snapshot).deliver(history, replayed)


def _yesterday(context: TrainingContext) -> Checkpoint:
    base = context.spec.base_model
    yesterday = load_checkpoint(base) if base is not None else None
    if yesterday is None or not yesterday.intents:
        raise NoModelError(f"There is no fine-tuned model to continue from ('{base}'); fine-tune one first.")
    return yesterday


def _history(snapshot: TrainingSnapshot, yesterday: Checkpoint, arguments: ContinueArguments) -> LabelHistory:
    weight = arguments.earlier_event_weight
    labels = read_labels(snapshot.annotations, snapshot.events, snapshot.taxonomy, earlier_event_weight=weight)
    labels = with_intents(labels, union(snapshot.taxonomy, yesterday.intents, labels.intents))
    since = arguments.since or str(yesterday.card.get("created_at") or "")
    history = split_by_age(labels, snapshot.annotations, snapshot.events, since)
    if (found := int(history.new.decisive.sum())) < LEAST_LABELED_TARGETS:
        raise TooFewLabelsError(
            f"{found} session(s) or event(s) were labelled since {since}, expected at least {LEAST_LABELED_TARGETS}; "
            f"label {LEAST_LABELED_TARGETS - found} more on the Label page."
        )
    return history


def _words(history: LabelHistory, replayed: Labels, yesterday: Checkpoint) -> str:
    added = [intent for intent in history.labels.intents if intent not in yesterday.intents]
    return (
        f"{int(history.new.decisive.sum())} new labels, {int(replayed.decisive.sum())} earlier ones replayed; "
        f"continuing {yesterday.card.get('model_id')}" + (f"; new intents: {', '.join(added)}" if added else "")
    )


class _Continuation:
    """Measures on the latest new labels, then trains the delivered model on all of them."""

    def __init__(
        self,
        context: TrainingContext,
        arguments: ContinueArguments,
        yesterday: Checkpoint,
        snapshot: TrainingSnapshot,
    ) -> None:
        self._context, self._arguments, self._yesterday, self._snapshot = context, arguments, yesterday, snapshot
        self._prepared = PreparedEvents(yesterday, snapshot)

    def deliver(self, history: LabelHistory, replayed: Labels) -> dict[str, Any]:
        """Measure, train, save; what the job returns."""
        measured = self._measure(history, replayed)
        today = self._train(history.new, replayed, "refit")
        today.model.mean_event.copy_(self._prepared.mean_event(today, self._context.spec.seed))
        counts: dict[str, Any] = {
            "labels": int(history.labels.decisive.sum()),
            "new_labels": int(history.new.decisive.sum()),
            "replayed": int(replayed.decisive.sum()),
        }
        today.card = make_card(
            self._context,
            kind="finetuned",
            snapshot=self._snapshot,
            recipe=self._arguments,
            parent=self._yesterday.card.get("model_id"),
            intents=list(today.intents),
            **counts,
            **measured,
        )
        save_checkpoint(today, self._context.spec.output)
        return {
            "metrics": measured["metrics"],
            "baselines": measured["baselines"],
            "intents": list(today.intents),
            **counts,
        }

    def _measure(self, history: LabelHistory, replayed: Labels) -> dict[str, Any]:
        training, validation = split_by_time(history.new, self._snapshot.events, self._arguments.validation_share)
        held_out = history.new.take(validation & history.new.measuring)
        learned = history.new.take(training)
        today = self._train(learned, replayed, "measure")
        _, logits = read_out(today.model, self._prepared, held_out)
        check_answers(logits, self._arguments.learning_rate)
        temperature = sane_temperature(logits, held_out, float(self._yesterday.card.get("temperature", 1.0)))

        def answer(rows: Labels) -> np.ndarray:
            return torch.softmax(read_out(today.model, self._prepared, rows)[1] / temperature, dim=-1).numpy()

        rest = history.labels.take(~np.isin(history.labels.rows, history.new.take(validation).rows))
        kept = HeldOut(self._snapshot, rest, history.new.take(validation), answer)
        metrics, baselines = kept.evaluate()
        kept.save(self._context.spec.output)
        self._context.report(1, 1, "measured", macro_f1=float(metrics["macro_f1"]), temperature=temperature)
        return {"metrics": metrics, "baselines": baselines, "temperature": temperature}

    def _train(self, new: Labels, replayed: Labels, phase: str) -> Checkpoint:
        torch.manual_seed(self._context.spec.seed)
        today = widened(self._yesterday, new.intents)
        steps = ContinuedSteps(
            today.model,
            self._yesterday,
            self._prepared,
            self._arguments,
            self._context.spec.seed,
            new=new,
            replayed=replayed,
        )
        steps.fit(self._context, phase)
        return today
