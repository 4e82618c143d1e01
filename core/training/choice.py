"""The recipe "auto": what to do with so many labels, as measured on the sample shop (tests/benchmarks)."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from core.training.arguments import FinetuneArguments
from core.training.labels import Labels

LEAST_TAUGHT_SESSIONS = 12
TAUGHT_EPOCHS = 5


@dataclass(frozen=True)
class Choice:
    """Arguments with a recipe that is no longer "auto", and why in plain words."""

    arguments: FinetuneArguments
    reason: str


def choose(arguments: FinetuneArguments, given: Collection[str], labels: Labels) -> Choice:
    """What to train with these labels.

    Args:
        given: names of the arguments that somebody set; those are kept as they are.
    """
    if arguments.recipe != "auto":
        return Choice(arguments, f"The recipe '{arguments.recipe}' was asked for.")
    sessions = len(np.unique(labels.sessions[labels.decisive]))
    if sessions < LEAST_TAUGHT_SESSIONS:
        return Choice(
            replace(arguments, recipe="head"),
            f"Only {sessions} sessions are labeled: the read-out alone was fitted, which cannot forget what "
            f"pretraining knows. From {LEAST_TAUGHT_SESSIONS} on, the whole model learns.",
        )
    wanted: dict[str, object] = {"teacher": not arguments.pseudo_labels, "epochs": TAUGHT_EPOCHS}
    chosen = replace(arguments, recipe="full", **{k: v for k, v in wanted.items() if k not in given})  # type: ignore[arg-type]
    return Choice(chosen, _reason(chosen, sessions))


def _reason(chosen: FinetuneArguments, sessions: int) -> str:
    if not chosen.teacher:
        return f"{sessions} sessions are labeled: the whole model learned from them, without a teacher, as asked."
    return (
        f"{sessions} sessions are labeled: a teacher (a hidden Markov model of intents) learned from them and from all "
        "unlabeled sessions, and the whole model learned from what the teacher believes of every event."
    )
