"""Kept sweeps as curves: the mean over prefixes with its interval, and how the single prefixes spread around it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.explain.study.dependence import FEATURES, Feature
from core.training.metrics import BOOTSTRAP_ROUNDS, INTERVAL

SPREAD = (10, 90)
"""Percentiles of the single curves between which their band lies."""
FLAT = 0.01
"""A mean that moves by less than this, a point of probability, is called flat."""
CURVE_COLUMNS = ("value", "mean", "low", "high", "lower", "upper", "n", "visitors")
_PREFIX = "intent:"


@dataclass(frozen=True)
class Swing:
    """How far a mean curve moves.

    first, last: the mean at the grid's ends; low, high: 95 % interval of last − first, the same prefixes at both.
    most: from its lowest to its highest value, wherever those are.
    """

    first: float
    last: float
    low: float
    high: float
    most: float

    @property
    def is_flat(self) -> bool:
        return self.most < FLAT


@dataclass(frozen=True)
class Dependence:
    """What was swept of one model.

    rows: feature, visitor_id, event_id, own, value, `intent:ID`; empty where an earlier version measured.
    currency: of the prices, None where none says.
    """

    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    currency: str | None = None

    @property
    def features(self) -> list[Feature]:
        """Those that were swept."""
        return [name for name in FEATURES if len(self.rows) and (self.rows["feature"] == name).any()]

    @property
    def intents(self) -> list[str]:
        """In the model's order."""
        return [str(name).removeprefix(_PREFIX) for name in self.rows if str(name).startswith(_PREFIX)]

    def own(self, feature: Feature) -> npt.NDArray[np.float64]:
        """[P]: the prefixes' numbers as they were, of which those beyond the grid are left out."""
        rows = self.rows[self.rows["feature"] == feature]
        own = rows.drop_duplicates("event_id")["own"].to_numpy(dtype=float)
        kept: npt.NDArray[np.float64] = own[(own >= rows["value"].min()) & (own <= rows["value"].max())]
        return kept

    def singles(self, feature: Feature, intent: str, *, centred: bool = False) -> pd.DataFrame:
        """[P, G] float64: a row a prefix (visitor_id, event_id), a column a value of the grid.

        Args:
            centred: less the prefix's probability at the first value.
        """
        rows = self.rows[self.rows["feature"] == feature]
        found = rows.pivot(index=["visitor_id", "event_id"], columns="value", values=f"{_PREFIX}{intent}").astype(float)
        return found.sub(found.iloc[:, 0], axis=0) if centred else found

    def curve(self, feature: Feature, intent: str, *, centred: bool = False, seed: int = 0) -> pd.DataFrame:
        """CURVE_COLUMNS by value: the mean with its 95 % interval, whole visitors drawn, and the single curves' spread.

        The interval is of each value alone; centred ones are narrower, since prefixes differ more among themselves
        than they move.
        """
        singles = self.singles(feature, intent, centred=centred)
        values = singles.to_numpy(dtype=float)
        low, high = np.percentile(_drawn_means(singles, seed), INTERVAL, axis=0)
        lower, upper = np.percentile(values, SPREAD, axis=0)
        visitors = singles.index.get_level_values("visitor_id").nunique()
        told = (singles.columns.to_numpy(dtype=float), values.mean(axis=0), low, high, lower, upper)
        frame = pd.DataFrame(dict(zip(CURVE_COLUMNS, told, strict=False)))
        return frame.assign(n=len(singles), visitors=visitors)

    def swing(self, feature: Feature, intent: str) -> Swing:
        """How far the mean curve moves."""
        mean = self.singles(feature, intent).mean().to_numpy()
        moved = self.curve(feature, intent, centred=True).iloc[-1]
        ends = float(mean[0]), float(mean[-1])
        return Swing(*ends, float(moved["low"]), float(moved["high"]), float(np.ptp(mean)))

    def to_dict(self, intents: Collection[str] | None = None) -> dict[str, Any]:
        """The curves as plain JSON values: currency, and by feature and intent (only these) the curve's rows."""
        wanted = [intent for intent in self.intents if intents is None or intent in intents]
        curves = {
            feature: {intent: self.curve(feature, intent).to_dict("records") for intent in wanted}
            for feature in self.features
        }
        return {"currency": self.currency, "curves": curves}


def _drawn_means(singles: pd.DataFrame, seed: int) -> npt.NDArray[np.float64]:
    """[BOOTSTRAP_ROUNDS, G]: means over prefixes of as many visitors drawn with replacement."""
    grouped = singles.groupby(level="visitor_id", sort=True)
    sums, sizes = grouped.sum().to_numpy(dtype=float), grouped.size().to_numpy(dtype=float)
    random = np.random.default_rng(seed)
    times = random.multinomial(len(sizes), np.full(len(sizes), 1 / len(sizes)), BOOTSTRAP_ROUNDS)
    means: npt.NDArray[np.float64] = (times @ sums) / (times @ sizes)[:, None]
    return means
