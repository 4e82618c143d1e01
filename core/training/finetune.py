"""Fine-tuning job: annotations teach the pretrained model the taxonomy; measured on held-out labels, then refitted.

The measured model is trained without the visitors whose labels measure (splitting.py says which) and stops when it
does worse on them; the delivered one is trained for as many epochs on all labels, since labels are dear. Its card
shows the measured figures. Labels of rules, where they are in use, teach beside them and never measure.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from core.errors import TooFewLabelsError
from core.model.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from core.model.config import SessionModelConfig
from core.model.session_model import SessionModel
from core.training.abstaining import threshold_for_accuracy
from core.training.arguments import FinetuneArguments, read_arguments
from core.training.calibration import LIKELY_SPREAD, TAUGHT_SPREAD
from core.training.card import make_card
from core.training.choice import choose
from core.training.context import TrainingContext
from core.training.ensemble import SeedEnsemble, SeedsFit
from core.training.held_out import HeldOut
from core.training.kinds_of_sessions import kinds_for_few
from core.training.labels import Labels, read_labels
from core.training.measuring import check_answers, sane_temperature
from core.training.prepared import PreparedEvents
from core.training.pretrain import new_checkpoint
from core.training.snapshot import TrainingSnapshot, read_snapshot
from core.training.splitting import split
from core.training.supervision import loss_weights, read_out
from core.training.trace import TRACE_FOLDER, Trace, is_kept, save_taught, taught_rows
from core.training.watched import save_watched
from core.training.weak_labels import beside, of_other_visitors, read_weak_labels


def run(context: TrainingContext) -> dict[str, Any]:
    """Fine-tune the base model (or a new one where there is none) and write a model folder to the run's output.

    Returns:
        {"metrics": ..., "baselines": ..., "intents": [...], "labels": R}.

    Raises:
        TooFewLabelsError, TrainingDivergedError, BrokenCheckpointError, UnreadableFileError, JobStoppedError.
    """
    spec = context.spec
    arguments = read_arguments(FinetuneArguments, spec.arguments)
    torch.set_num_threads(spec.threads)
    snapshot = read_snapshot(spec.snapshot)
    labels = read_labels(
        snapshot.annotations,
        snapshot.events,
        snapshot.taxonomy,
        earlier_event_weight=arguments.earlier_event_weight,
    )
    context.log(f"{int(labels.decisive.sum())} labels of {len(labels.intents)} intents: {', '.join(labels.intents)}")
    choice = choose(arguments, spec.arguments.keys(), labels, len(snapshot.events))
    arguments = choice.arguments
    context.log(choice.reason)
    weak = read_weak_labels(
        snapshot.weak_labels, snapshot.events, labels.intents, weight=arguments.weak_weight, seed=spec.seed
    )
    if len(weak):
        context.log(f"{len(weak)} sessions that rules labeled teach as well, each at {arguments.weak_weight:g}.")
    checkpoint = base_checkpoint(context, snapshot, arguments, labels.intents)
    prepared = PreparedEvents(checkpoint, snapshot)
    result = _measure_and_refit(context, arguments, checkpoint, prepared, snapshot, labels, weak)
    checkpoint.card = make_card(
        context,
        kind="finetuned",
        snapshot=snapshot,
        recipe=arguments,
        recipe_reason=choice.reason,
        parent=checkpoint.card.get("model_id"),
        intents=list(labels.intents),
        labels=int(labels.decisive.sum()),
        weak_labels=len(weak),
        **result,
    )
    save_checkpoint(checkpoint, spec.output)
    return {
        "metrics": result["metrics"],
        "baselines": result["baselines"],
        "intents": list(labels.intents),
        "labels": int(labels.decisive.sum()),
    }


def base_checkpoint(
    context: TrainingContext, snapshot: TrainingSnapshot, arguments: FinetuneArguments, intents: tuple[str, ...]
) -> Checkpoint:
    """The pretrained model with a new intent head, or a new model when the run has no base model."""
    spec = context.spec
    if spec.base_model is None:
        context.log("No pretrained model: training from scratch; pretrain first for better results.")
        return new_checkpoint(snapshot, arguments.size, spec.seed, intents)
    return with_intents(load_checkpoint(spec.base_model), intents, spec.seed)


def with_intents(base: Checkpoint, intents: tuple[str, ...], seed: int) -> Checkpoint:
    """A copy of a model with a fresh head for these intents; all other weights are the base's."""
    torch.manual_seed(seed)
    config = SessionModelConfig.from_dict(base.model.config.to_dict() | {"intents": list(intents)})
    model = SessionModel(config)
    weights = {name: value for name, value in base.model.state_dict().items() if not name.startswith("intent_head.")}
    model.load_state_dict(weights, strict=False)
    return replace(base, model=model.eval(), card=dict(base.card))


def _measure_and_refit(
    context: TrainingContext,
    arguments: FinetuneArguments,
    checkpoint: Checkpoint,
    prepared: PreparedEvents,
    snapshot: TrainingSnapshot,
    labels: Labels,
    weak: Labels,
) -> dict[str, Any]:
    parts = split(labels, snapshot.events, snapshot.annotations, arguments.validation_share)
    context.log(parts.reason)
    aside = labels.take(parts.validation)
    held_out = aside.take(aside.measuring)
    _check_some(held_out)
    shown = beside(labels.take(parts.training), of_other_visitors(weak, aside, snapshot.events))
    kinds = kinds_for_few(labels, context.spec.base_model, snapshot.events)
    ensemble = SeedEnsemble(checkpoint, prepared, arguments, context.spec.seed, kinds)
    fit = ensemble.fit(context, "measure", shown, held_out=held_out)
    _, logits = read_out(checkpoint.model, prepared, held_out)
    check_answers(logits, arguments.learning_rate)
    spread = TAUGHT_SPREAD if arguments.teacher and fit.epochs[0] > 0 else LIKELY_SPREAD
    temperature = sane_temperature(logits, held_out, spread=spread)

    def answer(rows: Labels) -> np.ndarray:
        return torch.softmax(read_out(checkpoint.model, prepared, rows)[1] / temperature, dim=-1).numpy()

    measured = HeldOut(snapshot, shown, aside, answer)
    metrics, baselines = measured.evaluate()
    measured.save(context.spec.output)
    probabilities = torch.softmax(logits / temperature, dim=-1).numpy()
    abstain_below = threshold_for_accuracy(held_out.answers(), probabilities, arguments.wanted_accuracy)
    context.report(1, 1, "measured", macro_f1=float(metrics["macro_f1"]), temperature=temperature)
    _refit(ensemble, context, arguments, beside(labels, weak), fit)
    taught = taught_rows(labels, loss_weights(labels, arguments), snapshot.events, arguments.label_smoothing)
    save_taught(context.spec.output, taught)
    checkpoint.model.mean_event.copy_(prepared.mean_event(checkpoint, context.spec.seed))
    save_watched(context.spec.output, checkpoint.model, prepared, snapshot.events, labels.intents)
    return {
        "metrics": metrics,
        "baselines": baselines,
        "temperature": temperature,
        "abstain_below": abstain_below,
        "epochs": fit.epochs[0],
        "held_out": {"how": parts.how, "drawn": parts.drawn},
    }


def _refit(
    ensemble: SeedEnsemble, context: TrainingContext, arguments: FinetuneArguments, labels: Labels, fit: SeedsFit
) -> None:
    """Fit to all labels, keeping where the weights were on the way if they can be asked later."""
    if not is_kept(arguments):
        ensemble.fit(context, "refit", labels, like=fit)
        return
    trace = Trace(context.spec.output / TRACE_FOLDER)
    ensemble.fit(context, "refit", labels, like=fit, trace=trace)
    trace.close()


def _check_some(held_out: Labels) -> None:
    if not len(held_out):
        raise TooFewLabelsError(
            "No label is left to measure with, expected at least one of a visitor who came late; "
            "label sessions of some more visitors next."
        )
