"""When to train again while people label: a pure decision, which knows neither jobs nor web.

A first model is worth its minute from about twenty labels an intent on, the next ones after every twenty more (the
habit of Label Sleuth, Shnarch et al. 2022). A label counts by its session: one whose events are labelled one by one
counts once, since its events teach the same visit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from core.errors import InvalidSettingError

FIRST_PER_INTENT = 20
EVERY = 20
MOST = 10_000
LEAST_INTENTS = 2
LEAST_SESSIONS = 4
"""With fewer, fine-tuning refuses."""
BACKOFF = timedelta(minutes=2)
LONGEST_BACKOFF = timedelta(hours=1)

Action = Literal["wait", "train", "judge", "score"]
Reason = Literal["off", "busy", "failed_recently", "too_few_intents", "too_few_first", "too_few_new", "due"]


@dataclass(frozen=True)
class LearningOptions:
    """Of a shop, not of a browser; off until somebody switches it on, for training takes a core of the machine.

    first_per_intent: labelled sessions for each intent seen so far, on average, before the first training.
    every: newly labelled sessions between two trainings.
    """

    enabled: bool = False
    first_per_intent: int = FIRST_PER_INTENT
    every: int = EVERY

    def __post_init__(self) -> None:
        for name in ("first_per_intent", "every"):
            value = getattr(self, name)
            if not 1 <= value <= MOST:
                raise InvalidSettingError(f"{name} is '{value}', expected 1 to {MOST} sessions.")


@dataclass(frozen=True)
class Situation:
    """All that the decision rests on, as journal, runs and models tell it now.

    labels: labelled sessions by intent, durable ones; sessions: how many in all.
    new: of them, those with a label that the last training did not know; None where nothing was trained yet.
    busy: a run that is not over, or whose result is not taken in.
    failures: trainings of the loop that failed since one ended well; last_failed_at: when the last of them did.
    unjudged: a model the loop made that the gate has not judged; unscored: one it promoted that has scored nothing.
    """

    options: LearningOptions
    now: datetime
    labels: Mapping[str, int]
    sessions: int
    new: int | None = None
    busy: str | None = None
    failures: int = 0
    last_failed_at: datetime | None = None
    unjudged: str | None = None
    unscored: str | None = None


@dataclass(frozen=True)
class Decision:
    """What to do now, and why.

    missing: how many more labelled sessions a training waits for; until: when a failed one is tried again.
    """

    action: Action
    reason: Reason
    missing: int = 0
    until: datetime | None = None


def decide(situation: Situation) -> Decision:
    """What to do: one thing at a time, never two trainings at once, never one that knows nothing new."""
    missing = missing_labels(situation)
    if not situation.options.enabled:
        return Decision("wait", "off", missing)
    if situation.busy is not None:
        return Decision("wait", "busy", missing)
    if situation.unjudged is not None:
        return Decision("judge", "due", missing)
    if situation.unscored is not None:
        return Decision("score", "due", missing)
    if len(situation.labels) < LEAST_INTENTS:
        return Decision("wait", "too_few_intents", max(missing, 1))
    if missing:
        return Decision("wait", "too_few_first" if situation.new is None else "too_few_new", missing)
    until = wait_until(situation)
    if until is not None and situation.now < until:
        return Decision("wait", "failed_recently", 0, until)
    return Decision("train", "due")


def missing_labels(situation: Situation) -> int:
    """How many more sessions have to be labelled before the next training; 0 when it is due.

    The first one waits for `first_per_intent` sessions for each intent seen so far, all together: a rare intent must
    not hold up the common ones, and one nobody has met yet cannot. Where every seen intent has its number, they are
    there.
    """
    options = situation.options
    if situation.new is None:
        wanted = max(options.first_per_intent * max(len(situation.labels), LEAST_INTENTS), LEAST_SESSIONS)
        return max(0, wanted - situation.sessions)
    return max(0, options.every - situation.new, LEAST_SESSIONS - situation.sessions)


def wait_until(situation: Situation) -> datetime | None:
    """When a training may be tried again after failures: twice as long after each, at most LONGEST_BACKOFF."""
    if not situation.failures or situation.last_failed_at is None:
        return None
    doubled: timedelta = BACKOFF * 2 ** min(situation.failures - 1, 10)
    return situation.last_failed_at + min(doubled, LONGEST_BACKOFF)
