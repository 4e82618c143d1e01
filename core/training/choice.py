"""The recipe "auto": what to do with so many labels, as measured on the sample shop (tests/benchmarks)."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from core.training.arguments import FinetuneArguments
from core.training.labels import Labels
from core.training.prepared import fitting_steps

LEAST_TAUGHT_SESSIONS = 12
_TAUGHT_EVENTS = 270_000
_TAUGHT_BATCH = 1024
_TAUGHT_RATE = 2e-3
_MOST_EPOCHS = 12
"""A teacher's beliefs hold no noise to learn by rote: large steps, and as many epochs as make up so many events."""


@dataclass(frozen=True)
class Choice:
    """Arguments with a recipe that is no longer "auto", and why in plain words."""

    arguments: FinetuneArguments
    reason: str


def choose(arguments: FinetuneArguments, given: Collection[str], labels: Labels, events: int) -> Choice:
    """What to train with these labels.

    Args:
        given: names of the arguments that somebody set; those are kept as they are.
        events: how many there are in all, labeled or not.
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
    teacher = arguments.teacher if "teacher" in given else not arguments.pseudo_labels
    wanted = {"teacher": teacher} | (_taught(events) if teacher else {})
    chosen = replace(arguments, recipe="full", **{k: v for k, v in wanted.items() if k not in given})  # type: ignore[arg-type]
    return Choice(chosen, _reason(chosen, sessions))


def _taught(events: int) -> dict[str, object]:
    """The settings that suit a teacher's beliefs of so many events."""
    batch, rate = fitting_steps(events, _TAUGHT_BATCH, _TAUGHT_RATE)
    return {
        "epochs": min(_MOST_EPOCHS, max(2, round(_TAUGHT_EVENTS / max(1, events)))),
        "batch_events": batch,
        "learning_rate": rate,
        "label_smoothing": 0.0,
    }


def _reason(chosen: FinetuneArguments, sessions: int) -> str:
    if not chosen.teacher:
        return f"{sessions} sessions are labeled: the whole model learned from them, without a teacher, as asked."
    return (
        f"{sessions} sessions are labeled: a teacher (a hidden Markov model of intents) learned from them and from all "
        "unlabeled sessions, and the whole model learned from what the teacher believes of every event."
    )
