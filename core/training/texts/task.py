"""Text job: labelled and unlabelled texts to a model that says the intent of a text, or abstains."""

from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import torch

from core.clock import utc_now
from core.model.text_classifier import TextClassifier
from core.training.abstaining import threshold_for_accuracy
from core.training.context import TrainingContext
from core.training.texts.arguments import TextArguments, read_text_arguments
from core.training.texts.examples import read_examples
from core.training.texts.learner import TextLearner
from core.training.texts.measuring import HeldOut, baselines_of, held_out_answers, metrics_of


def run(context: TrainingContext) -> dict[str, Any]:
    """Train on the snapshot's texts and write a text model folder to the run's output.

    Returns:
        {"metrics": ..., "baselines": ..., "intents": [...], "labels": N, "self_training": bool}.

    Raises:
        TooFewLabelsError, InvalidSettingError, UnreadableFileError, TrainingDivergedError, JobStoppedError.
    """
    spec = context.spec
    arguments = read_text_arguments(spec.arguments)
    torch.set_num_threads(spec.threads)
    examples = read_examples(spec.snapshot, arguments.most_unlabelled, spec.seed)
    context.log(f"{len(examples.texts)} labelled texts of {len(examples.intents)} intents")
    context.log(f"{len(examples.unlabelled)} further texts without a label")
    learner = TextLearner(context, arguments, examples)
    held, self_training = _choose(context, arguments, learner)
    metrics, baselines = metrics_of(held, arguments.wanted_accuracy, spec.seed), baselines_of(learner, spec.seed)
    context.report(1, 1, "measured", macro_f1=float(metrics["macro_f1"]), tfidf=float(baselines["tfidf"]["macro_f1"]))
    everything = np.arange(len(examples.texts))
    reader, views = learner.fit(everything, "all labels", self_training=self_training)
    card = {
        "model_id": spec.run_id,
        "kind": "text",
        "intents": list(examples.intents),
        "temperature": held.temperature(),
        "abstain_below": threshold_for_accuracy(held.labels, held.probabilities(), arguments.wanted_accuracy),
        "labels": len(examples.texts),
        "unlabelled": len(examples.unlabelled),
        "self_training": self_training,
        "text_encoder": arguments.text_encoder if reader.encoder is None else reader.encoder.name,
        "recipe": asdict(arguments),
        "seed": spec.seed,
        "metrics": metrics,
        "baselines": baselines,
        "created_at": utc_now().isoformat(timespec="seconds"),
        "code_version": _code_version(),
    }
    TextClassifier(reader, views, card).save(spec.output)
    kept = ("metrics", "baselines", "intents", "labels", "self_training")
    return {name: card[name] for name in kept}


def _choose(context: TrainingContext, arguments: TextArguments, learner: TextLearner) -> tuple[HeldOut, bool]:
    """Held-out answers, and whether unlabelled texts are used: `auto` lets the labels decide, a tie against them."""
    seed, wish = context.spec.seed, arguments.self_training
    if wish == "off" or not learner.has_unlabelled:
        return held_out_answers(learner, seed, self_training=False), False
    taught = held_out_answers(learner, seed, self_training=True)
    if wish == "on":
        return taught, True
    plain = held_out_answers(learner, seed, self_training=False)
    context.log(
        f"macro-F1 by cross-validation: {taught.score():.3f} with unlabelled texts, {plain.score():.3f} without"
    )
    return (taught, True) if taught.score() > plain.score() else (plain, False)


def _code_version() -> str:
    try:
        return version("intentlens")
    except PackageNotFoundError:
        return "unknown"
