"""The heatmap: signed attributions of one prediction, event by field, with the proof that comes with them."""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.explain.verdict import BEARABLE_ERROR, TRUSTED_ERROR, Faithfulness, Reliability, Verdict, judge

WHOLE_EVENT = "whole_event"
"""The one column of a heatmap whose method speaks of events and not of their fields."""

__all__ = ["BEARABLE_ERROR", "TRUSTED_ERROR", "WHOLE_EVENT", "Faithfulness", "Heatmap"]


@dataclass(frozen=True)
class Heatmap:
    """Why the model gave `intent` its probability at the last event of `event_ids`.

    values: [T, F] float32, in units of probability: all together they sum to probability − baseline_probability,
    up to convergence_delta. Of attention rollout they are shares of attention.
    fields: FIELDS, or WHOLE_EVENT alone.
    relative_error: |convergence_delta| ÷ max(|probability − baseline_probability|, 0.01).
    n_steps: points of the path, or probabilities asked for.
    method, kind, is_complete: the method's name, and what it promises (core/explain/methods/method.py).
    block, sampling_error: see Attributions.
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
    method: str = "integrated_gradients"
    kind: str = "explanation"
    is_complete: bool = True
    block: int = 1
    sampling_error: float = 0.0

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
    def verdict(self) -> Verdict:
        """Whether to read the heatmap, and what decided it."""
        if self.kind == "curiosity":
            return Verdict("curiosity", "curiosity")
        return judge(self.faithfulness, self.relative_error if self.is_complete else 0.0, self.sampling_error)

    @property
    def reliability(self) -> Reliability:
        """The verdict in one word."""
        return self.verdict.reliability

    def to_frame(self) -> pd.DataFrame:
        """One row an event, one column a field, plus `event_id` and `total`; for the CSV download."""
        frame = pd.DataFrame(self.values, columns=list(self.fields))
        frame.insert(0, "event_id", list(self.event_ids))
        return frame.assign(total=self.event_totals)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain JSON values; what is undefined is null."""
        faithfulness = self.faithfulness and {
            name: None if math.isnan(value) else value for name, value in asdict(self.faithfulness).items()
        }
        return {
            "model_version": self.model_id,
            "method": self.method,
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
            "reason": self.verdict.reason,
            "is_complete": self.is_complete,
            "block": self.block,
            "sampling_error": self.sampling_error,
            "faithfulness": faithfulness,
        }
