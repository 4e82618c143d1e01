"""The heatmap: signed attributions of one prediction, event by field, with the proof that comes with them."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

Reliability = Literal["trust", "careful", "unreliable"]

TRUSTED_ERROR = 0.01
"""Relative convergence error up to which the attributions add up as the theory promises."""
BEARABLE_ERROR = 0.05
TRUSTED_AGREEMENT = 0.3
"""Kendall τ with leave-one-event-out from which the order of the events is worth reading."""


@dataclass(frozen=True)
class Faithfulness:
    """How well the heatmap predicts what the model does when events are taken away.

    comprehensiveness: mean fall of the probability when the most important events are replaced by the mean event
    (AOPC over 10, 20 and 50 % of the events); higher is better.
    sufficiency: mean fall when only those events are kept; lower is better.
    agreement: Kendall τ between event totals and the fall each event causes when left out alone; NaN below 3 events.
    Source: DeYoung et al. 2020, ERASER (arXiv 1911.03429).
    """

    comprehensiveness: float
    sufficiency: float
    agreement: float


@dataclass(frozen=True)
class Heatmap:
    """Why the model gave `intent` its probability at the last event of `event_ids`.

    values: [T, F] float32, in units of probability: all together they sum to probability − baseline_probability,
    up to convergence_delta.
    relative_error: |convergence_delta| ÷ max(|probability − baseline_probability|, 0.01).
    """

    event_ids: tuple[str, ...]
    fields: tuple[str, ...]
    values: npt.NDArray[np.float32]
    intent: str
    probability: float
    baseline_probability: float
    convergence_delta: float
    relative_error: float
    n_steps: int
    model_id: str
    faithfulness: Faithfulness | None

    @property
    def event_totals(self) -> npt.NDArray[np.float32]:
        """[T] float32: what each event adds, over all its fields."""
        totals: npt.NDArray[np.float32] = self.values.sum(axis=1)
        return totals

    @property
    def field_totals(self) -> npt.NDArray[np.float32]:
        """[F] float32: what each field adds, over all events."""
        totals: npt.NDArray[np.float32] = self.values.sum(axis=0)
        return totals

    @property
    def reliability(self) -> Reliability:
        """In one word, whether to read the heatmap: by its convergence error, then by its faithfulness."""
        if self.relative_error > BEARABLE_ERROR:
            return "unreliable"
        agreement = self.faithfulness.agreement if self.faithfulness else float("nan")
        if agreement < 0:
            return "unreliable"
        careful = self.relative_error > TRUSTED_ERROR or agreement < TRUSTED_AGREEMENT
        return "careful" if careful else "trust"

    def to_frame(self) -> pd.DataFrame:
        """One row an event, one column a field, plus `event_id` and `total`; for the CSV download."""
        frame = pd.DataFrame(self.values, columns=list(self.fields))
        frame.insert(0, "event_id", list(self.event_ids))
        return frame.assign(total=self.event_totals)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain JSON values; what is undefined is null."""
        faithfulness = self.faithfulness and {
            name: None if np.isnan(value) else value for name, value in asdict(self.faithfulness).items()
        }
        return {
            "model_version": self.model_id,
            "intent": self.intent,
            "probability": self.probability,
            "baseline_probability": self.baseline_probability,
            "event_ids": list(self.event_ids),
            "fields": list(self.fields),
            "values": self.values.round(6).tolist(),
            "convergence_delta": self.convergence_delta,
            "relative_error": self.relative_error,
            "n_steps": self.n_steps,
            "reliability": self.reliability,
            "faithfulness": faithfulness,
        }
