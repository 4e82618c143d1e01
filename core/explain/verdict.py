"""Whether to read a heatmap: its measures, the thresholds they are held to, and the verdict in one word."""

import math
from dataclasses import dataclass
from typing import Literal

Reliability = Literal["trust", "careful", "unreliable", "curiosity"]
Reason = Literal["", "short", "curiosity", "sum", "order", "predictions", "chance", "sampling", "unsteady"]

TRUSTED_ERROR = 0.01
"""Relative convergence error up to which the attributions add up as the theory promises."""
BEARABLE_ERROR = 0.05
TRUSTED_AGREEMENT = 0.3
"""Kendall τ with leave-one-event-out from which the order of the events is worth reading."""
TRUSTED_INFIDELITY = 0.5
"""Share of what the model does when events go that the heatmap fails to foresee; a heatmap of zeros fails at 1."""
BEARABLE_INFIDELITY = 1.0
TRUSTED_SAMPLING_ERROR = 0.3
BEARABLE_SENSITIVITY = 0.5
"""Change of the heatmap, as a share of itself, that a change of its input too small to matter may cause."""
SMALLEST_CHANGE = 0.01
"""Below this change of probability the relative error is taken against it, so that nearly nothing is not divided by."""


@dataclass(frozen=True)
class Faithfulness:
    """How well the heatmap predicts what the model does when events are taken away.

    comprehensiveness: mean fall of the probability when the most important events are replaced by the mean event
    (AOPC over 10, 20 and 50 % of the events); higher is better.
    sufficiency: mean fall when only those events are kept; lower is better.
    agreement: Kendall τ between event totals and the fall each event causes when left out alone; NaN below 3 events.
    left_out: events that were left out for it; of a long session a sample.
    infidelity: squared error of the falls the heatmap foretells for random sets of events, as a share of the falls'
    own squares (Yeh et al. 2019, arXiv 1901.09392): 0 foretells all, 1 no more than a heatmap of zeros; NaN where
    nothing the events do moves the probability, and for methods that promise no sums.
    chance: comprehensiveness of the events in random order, the base rate of the above; NaN of a single event, whose
    only order is no choice.
    sensitivity: largest change of the heatmap, as a share of itself, when its input is shaken a little (same source);
    NaN where it was not asked for, since it takes several heatmaps.
    Source: DeYoung et al. 2020, ERASER (arXiv 1911.03429).
    """

    comprehensiveness: float
    sufficiency: float
    agreement: float
    left_out: int = 0
    infidelity: float = math.nan
    chance: float = math.nan
    sensitivity: float = math.nan


@dataclass(frozen=True)
class Verdict:
    """`reliability` in a word, and the reason that decided; empty where nothing speaks against the heatmap."""

    reliability: Reliability
    reason: Reason


def relative_error(delta: float, change: float) -> float:
    """|delta| ÷ max(|change|, SMALLEST_CHANGE)."""
    return abs(delta) / max(abs(change), SMALLEST_CHANGE)


def judge(faithfulness: Faithfulness | None, error: float, sampling_error: float = 0.0) -> Verdict:
    """The verdict on a heatmap; the first reason that holds decides, the grave ones before the lesser.

    Against a heatmap that foresees what sets of events do, an opposite order of single ones is no grave reason: where
    the model is sure and several events say the same, each alone is missed by nobody, and their order is chance.

    Args:
        faithfulness: None where it was not measured.
        error: relative convergence error; 0 for a method that promises no sum.
        sampling_error: see Attributions.
    """
    measured = faithfulness or Faithfulness(math.nan, math.nan, math.nan)
    foresees = measured.infidelity < TRUSTED_INFIDELITY
    grave: dict[Reason, bool] = {
        "sum": error > BEARABLE_ERROR,
        "order": measured.agreement < 0 and not foresees,
        "predictions": measured.infidelity >= BEARABLE_INFIDELITY,
    }
    lesser: dict[Reason, bool] = {
        "sum": error > TRUSTED_ERROR,
        "order": measured.agreement < TRUSTED_AGREEMENT,
        "predictions": measured.infidelity >= TRUSTED_INFIDELITY,
        "chance": measured.comprehensiveness <= measured.chance,
        "sampling": sampling_error > TRUSTED_SAMPLING_ERROR,
        "unsteady": measured.sensitivity > BEARABLE_SENSITIVITY,
    }
    for reliability, reasons in (("unreliable", grave), ("careful", lesser)):
        found = next((reason for reason, holds in reasons.items() if holds), None)
        if found is not None:
            return Verdict("unreliable" if reliability == "unreliable" else "careful", found)
    return Verdict("trust", "short" if math.isnan(measured.agreement) else "")
