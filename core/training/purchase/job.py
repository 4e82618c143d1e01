"""Purchase job: the pretrained model learns from the logs themselves which sessions will buy, beside boosted trees."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from core.errors import TrainingDivergedError
from core.model.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from core.model.purchase_head import save_head
from core.training.arguments import read_arguments
from core.training.card import make_card
from core.training.context import TrainingContext, stop_if_asked
from core.training.prefix_features import prefix_features
from core.training.pretrain import new_checkpoint
from core.training.purchase.arguments import PurchaseArguments
from core.training.purchase.metrics import calibration, table_of
from core.training.purchase.split import Split, split_by_visitor_and_time
from core.training.purchase.supervision import PurchaseSupervision
from core.training.purchase.task import PurchaseTask, purchase_task
from core.training.purchase.teacher import taught_answers, trees_of
from core.training.snapshot import TrainingSnapshot, read_snapshot

KIND = "purchase"
_LEAST_SPREAD = 1e-4


def run(context: TrainingContext) -> dict[str, Any]:
    """Train a purchase model on the snapshot and write its folder to the run's output.

    Returns:
        {"metrics": {"table": [...], "calibration": ..., counts}, "target": ..., "epochs": E}.

    Raises:
        TooFewLabelsError, TrainingDivergedError, BrokenCheckpointError, UnreadableFileError, JobStoppedError.
    """
    spec = context.spec
    arguments = read_arguments(PurchaseArguments, spec.arguments)
    torch.set_num_threads(spec.threads)
    snapshot = read_snapshot(spec.snapshot)
    task = purchase_task(snapshot.events, arguments.target)
    split = split_by_visitor_and_time(task, arguments.validation_share, arguments.test_share)
    bought = task.answer[task.ends]
    context.log(f"{len(bought)} sessions, {int(bought.sum())} with '{arguments.target}'; {task.dropped} begin with it")
    checkpoint = _base(context, snapshot, arguments)
    features = prefix_features(task.events, snapshot.items)[1]
    context.report(0, 1, "teacher")
    taught = taught_answers(task, features, split, arguments, spec.seed)
    stop_if_asked(context)
    supervision = PurchaseSupervision(checkpoint, snapshot, task, split, arguments, spec.seed, taught)
    epochs = supervision.fit(context)
    _check_not_constant(supervision.logits(split.test), arguments)
    probabilities = supervision.probabilities(split.test)
    stop_if_asked(context)
    context.report(0, 1, "trees")
    trees = trees_of(task, features, split, arguments, spec.seed).predict(features[split.test])
    metrics = _measure(task, split, {"model": probabilities, "trees": trees})
    context.report(1, 1, "measured", ece=metrics["calibration"]["ece"])
    checkpoint.model.mean_event.copy_(supervision.prepared.mean_event(checkpoint, spec.seed))
    checkpoint.card = make_card(
        context,
        kind=KIND,
        snapshot=snapshot,
        metrics=metrics,
        recipe=arguments,
        parent=checkpoint.card.get("model_id"),
        target=arguments.target,
        epochs=epochs,
    )
    save_head(supervision.head, spec.output)
    save_checkpoint(checkpoint, spec.output)  # the card comes last: a folder with a card is complete
    return {"metrics": metrics, "target": arguments.target, "epochs": epochs}


def _base(context: TrainingContext, snapshot: TrainingSnapshot, arguments: PurchaseArguments) -> Checkpoint:
    """The run's pretrained model, or an untrained one where it has none."""
    spec = context.spec
    if spec.base_model is None:
        context.log("No pretrained model: training from scratch; pretrain first for better results.")
        return new_checkpoint(snapshot, arguments.size, spec.seed)
    return load_checkpoint(spec.base_model)


def _measure(task: PurchaseTask, split: Split, contenders: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """The probabilities [R] at the test rows: the model's, and those of trees taught by the same prefixes."""
    test, answers = split.test, task.answer[split.test]
    visitors = task.events["visitor_id"].to_numpy(dtype=object)[test].astype(str)
    bought = task.answer[task.ends]
    parts = {"training": split.training, "validation": split.validation, "test": split.test}
    return {
        "table": table_of(answers, task.place[test], task.length[test], contenders, visitors),
        "calibration": calibration(answers, contenders["model"]),
        "sessions": len(bought),
        "buyers": int(bought.sum()),
        "begin_with_it": task.dropped,
        "parts": {name: int(rows[task.ends].sum()) for name, rows in parts.items()},
    }


def _check_not_constant(logits: np.ndarray, arguments: PurchaseArguments) -> None:
    """Before calibration: where orders cannot be foreseen, calibration rightly draws all answers to the base rate."""
    if float(np.std(logits)) < _LEAST_SPREAD:
        raise TrainingDivergedError(
            f"The model answers the same for all {len(logits)} test events, expected different answers; "
            f"lower learning_rate (now {arguments.learning_rate:g}) or import more logs."
        )
