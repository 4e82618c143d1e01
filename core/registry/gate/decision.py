"""Whether a challenger may replace the champion: decided purely from paired answers, with the reason in words."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

import numpy as np

from core.registry.gate.paired import Difference, Paired, differences

Basis = Literal["held_out", "challenger_held_out", "newest_unseen", "newest"]
Outcome = Literal["passed", "refused", "no_champion", "too_few_labels"]
LEAST_LABELS = 10
"""Labels an intent needs, and LEAST_VISITORS different visitors behind them, before it is judged."""
LEAST_VISITORS = 5
LEVEL = 0.05
LEARNED_MARGIN = 0.25
"""Labels a model has learned from flatter it, by how much nobody knows; there only a larger drop counts."""

BASIS_WORDS: dict[Basis, str] = {
    "held_out": "labels held out from both models",
    "challenger_held_out": "labels held out from the challenger and made after the champion was trained",
    "newest_unseen": "the newest labels, made after both models were trained",
    "newest": "the newest labels, which the models may have learned from, so that only drops of more than 0.25 count",
}


@dataclass(frozen=True)
class GateDecision:
    """The outcome, on what it rests, and every figure that was compared; `basis` is None where nothing was."""

    outcome: Outcome
    challenger: str
    champion: str | None = None
    basis: Basis | None = None
    labels: int = 0
    differences: tuple[Difference, ...] = ()

    @property
    def is_allowed(self) -> bool:
        return self.outcome != "refused"

    @property
    def worse(self) -> tuple[Difference, ...]:
        """The figures in which the challenger is worse beyond chance."""
        return tuple(found for found in self.differences if found.is_worse)

    def as_json(self) -> dict[str, Any]:
        """For journals and machines."""
        return asdict(self) | {"allowed": self.is_allowed, "reason": self.words()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "GateDecision":
        """What `as_json` gave."""
        given = {field.name: values[field.name] for field in fields(cls)}
        return cls(**(given | {"differences": tuple(Difference(**found) for found in given["differences"])}))

    def words(self) -> str:
        """The reason, for people."""
        if self.outcome == "no_champion":
            return "No model serves yet, so there is nothing to compare with."
        if self.basis is None or self.outcome == "too_few_labels":
            return (
                f"Too few labels to compare '{self.challenger}' with '{self.champion}': an intent is judged from "
                f"{LEAST_LABELS} labels of {LEAST_VISITORS} visitors on. It is let through unjudged."
            )
        compared = f"Compared on {self.labels} {BASIS_WORDS[self.basis]}"
        if self.outcome == "passed":
            judged = sorted({found.intent for found in self.differences})
            return f"{compared}: not worse beyond chance on {', '.join(judged)}."
        return f"{compared}, '{self.challenger}' is worse than '{self.champion}': {'; '.join(map(_words, self.worse))}."


def decide(
    challenger: str, champion: str, pairs: Paired | None, basis: Basis | None, *, level: float = LEVEL, seed: int = 0
) -> GateDecision:
    """Refuse a challenger that is worse on an intent beyond chance; one that cannot be judged passes, and it is said.

    Args:
        pairs: both models' answers at the same labelled events; None where there are none.
        level: chance that a challenger just as good is refused, over all intents and figures together.
    """
    judged = judged_intents(pairs) if pairs is not None else ()
    if pairs is None or not judged:
        return GateDecision("too_few_labels", challenger, champion, basis, 0 if pairs is None else len(pairs))
    margin = LEARNED_MARGIN if basis == "newest" else 0.0
    found = differences(pairs, judged, level, margin, seed)
    outcome: Outcome = "refused" if any(difference.is_worse for difference in found) else "passed"
    return GateDecision(outcome, challenger, champion, basis, len(pairs), tuple(found))


def judged_intents(pairs: Paired) -> tuple[int, ...]:
    """Places of the intents with enough labels to be judged."""
    return tuple(
        place
        for place in range(len(pairs.intents))
        if (pairs.answers == place).sum() >= LEAST_LABELS
        and len(np.unique(pairs.visitors[pairs.answers == place].astype(str))) >= LEAST_VISITORS
    )


def _words(found: Difference) -> str:
    name = {"f1": "F1", "pr_auc": "PR-AUC"}[found.measure]
    return (
        f"{found.intent} {name} {found.challenger:.2f} instead of {found.champion:.2f} "
        f"({found.labels} labels; at best {found.upper:+.2f} by chance)"
    )
