"""What the model would say if the last event had another price, or came after another pause: sweeps of one number.

For many real prefixes of visitors' streams the number that the model reads at the last event takes each value of a grid
and all else stays as it was. The mean over the prefixes is the partial dependence (Friedman 2001, Greedy Function
Approximation), each prefix alone is an individual conditional expectation (Goldstein et al. 2015, arXiv 1309.6392).

A pause inside a session and the absence before one are swept apart, each over its own range: a pause of days inside a
session, or of seconds before one, is nothing that the model has ever seen.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.events.rows import plain_rows
from core.model.featurizer import EventRow
from core.model.fields import NUMBER_INDEX
from core.model.scorer import SessionScorer
from core.model.stream import VisitorStream
from core.model.vocabulary import Vocabulary

Feature = Literal["price", "pause", "absence"]
FEATURES: tuple[Feature, ...] = ("price", "pause", "absence")
"""`price` in the shop's currency; `pause` and `absence` in seconds: within a session, and since the last one."""
GRID_POINTS = 21
EDGES = (0.01, 0.99)
"""Quantiles of the data between which the grid lies: beyond them the model guesses."""
LEAST_PREFIXES = 10
_COLUMN: dict[Feature, str] = {"price": "price", "pause": "gap", "absence": "gap"}
_LEAST_GAP_S = 1.0
"""So that a logarithmic axis has room for it."""
_PREFIXES_PER_STEP = 16
_ABOUT = ("event_id", "session_id", "visitor_id")


@dataclass(frozen=True)
class Sweep:
    """Where one number is swept.

    events: [P] rows of the ends of prefixes: event_id, session_id, visitor_id and `own`, the number as it was.
    grid: [G] float64, rising.
    """

    feature: Feature
    events: pd.DataFrame
    grid: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Prefix:
    """A visitor's stream up to one event: all before it has been read, its own row has not."""

    stream: VisitorStream
    row: EventRow


def own_values(events: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """[price, pause, absence], each [N] float64, NaN where an event has none; and `currency`.

    Args:
        events: sorted by visitor_id, occurred_at, event_id.
    """
    known = items.drop_duplicates("item_id").set_index("item_id")
    price = events["price"].astype(float).fillna(events["item_id"].map(known["price"].astype(float)))
    currency = events["currency"].astype(object).fillna(events["item_id"].map(known["currency"].astype(object)))
    goes_on = events["visitor_id"].eq(events["visitor_id"].shift())
    gap = events["occurred_at"].diff().dt.total_seconds().clip(lower=0).where(goes_on)
    inside = events["session_id"].eq(events["session_id"].shift())
    return pd.DataFrame(
        {"price": price, "pause": gap.where(inside), "absence": gap.where(~inside), "currency": currency}
    )


def usual_currency_of(events: pd.DataFrame, items: pd.DataFrame) -> str | None:
    """The one most prices are in; None where none says."""
    return _usual_currency(own_values(events, items))


def plan_sweeps(events: pd.DataFrame, items: pd.DataFrame, wanted: int, seed: int) -> Iterator[Sweep]:
    """At most `wanted` prefixes of each feature, one a session, and a grid of quantiles of all the events' numbers.

    Prices in another currency than the usual one are left out: they would share an axis with it. A feature of which
    there are fewer than LEAST_PREFIXES, or which is the same everywhere, is left out.
    """
    values = own_values(events, items)
    usual = _usual_currency(values)
    if usual is not None:
        values["price"] = values["price"].where(values["currency"].isna() | values["currency"].eq(usual))
    for feature in FEATURES:
        own = values[feature].dropna()
        ends = events.loc[own.index, list(_ABOUT)].assign(own=own).dropna(subset="session_id")
        chosen = ends.sample(frac=1.0, random_state=seed).drop_duplicates("session_id").head(wanted).sort_index()
        grid = grid_of(own.to_numpy(), _LEAST_GAP_S if _COLUMN[feature] == "gap" else 0.0)
        if len(chosen) >= LEAST_PREFIXES and len(grid) > 1:
            yield Sweep(feature, chosen, grid)


def _usual_currency(values: pd.DataFrame) -> str | None:
    named = values.loc[values["price"].notna(), "currency"].dropna()
    return None if named.empty else str(named.mode().iloc[0])


def grid_of(own: npt.NDArray[np.float64], least: float = 0.0) -> npt.NDArray[np.float64]:
    """[G] distinct quantiles, of the 1 % to the 99 % point."""
    points = np.quantile(own, np.linspace(*EDGES, GRID_POINTS)) if len(own) else np.zeros(0)
    return np.unique(np.maximum(points, least))


def swept(
    scorer: SessionScorer, sweep: Sweep, events: pd.DataFrame, items: pd.DataFrame, media: Path | None
) -> Iterator[tuple[int, pd.DataFrame]]:
    """How many prefixes are done, and their rows: feature, ids, own, value, and `intent:ID` for each probability.

    What comes before the last event is read once for the whole grid, as a live visitor's stream is.

    Args:
        events: all of the visitors', sorted by visitor_id, occurred_at, event_id.
    """
    visitors = events.groupby("visitor_id", sort=False).indices
    known = {item["item_id"]: item for item in plain_rows(items)}
    for begin in range(0, len(sweep.events), _PREFIXES_PER_STEP):
        part = sweep.events.iloc[begin : begin + _PREFIXES_PER_STEP]
        streams = [_until(events.iloc[visitors[end.visitor_id]], str(end.event_id)) for end in part.itertuples()]
        prefixes = _read(scorer, streams, known, media)
        answers = answers_at(scorer, prefixes, sweep.feature, sweep.grid, media)
        yield begin + len(part), _rows(sweep, part, answers, scorer.intents)


def answers_at(
    scorer: SessionScorer,
    prefixes: Sequence[Prefix],
    feature: Feature,
    grid: npt.NDArray[np.float64],
    media: Path | None = None,
) -> npt.NDArray[np.float32]:
    """[P, G, K]: the probabilities at the end of each prefix for each value of the grid."""
    vocabulary = scorer.featurizer.vocabulary
    streams = [VisitorStream(window=prefix.stream.window) for prefix in prefixes for _ in grid]
    rows = [[row_with(prefix.row, feature, value, vocabulary)] for prefix in prefixes for value in grid]
    answers = np.concatenate(scorer.advance(streams, rows, media))
    return answers.reshape(len(prefixes), len(grid), -1).astype(np.float32)


def row_with(row: EventRow, feature: Feature, value: float, vocabulary: Vocabulary) -> EventRow:
    """The row as the model would read it with another price (the price beside its category's follows) or pause.

    A number that the model must not read stays unread.
    """
    numbers = list(row.numbers)
    at, beside = NUMBER_INDEX[_COLUMN[feature]], NUMBER_INDEX["relative_price"]
    moved = np.log1p(value) - (numbers[at] * vocabulary.spreads[at] + vocabulary.means[at])
    numbers[at] += float(moved / vocabulary.spreads[at])
    if feature == "price":
        numbers[beside] += float(moved / vocabulary.spreads[beside])
    return replace(row, numbers=numbers)


def _until(stream: pd.DataFrame, event_id: str) -> pd.DataFrame:
    return stream.iloc[: int((stream["event_id"] == event_id).to_numpy().argmax()) + 1]


def _read(
    scorer: SessionScorer, streams: Sequence[pd.DataFrame], items: dict[str, dict[str, Any]], media: Path | None
) -> list[Prefix]:
    """Read each stream but for its last event, all of them together."""
    prefixes, before = [], []
    for frame in streams:
        stream, rows, events = scorer.start(), [], plain_rows(frame)
        first = scorer.window_start(len(events) - 1)
        for place, event in enumerate(events):
            item = items.get(event["item_id"])
            if place < first:
                scorer.pass_by(stream, event, item)
            else:
                rows.append(scorer.read(stream, event, item))
        prefixes.append(Prefix(stream, rows[-1]))
        before.append(rows[:-1])
    started = [place for place, rows in enumerate(before) if rows]
    scorer.advance([prefixes[place].stream for place in started], [before[place] for place in started], media)
    return prefixes


def _rows(sweep: Sweep, part: pd.DataFrame, answers: npt.NDArray[np.float32], intents: Sequence[str]) -> pd.DataFrame:
    repeated = part.loc[part.index.repeat(len(sweep.grid))].reset_index(drop=True)
    columns = {f"intent:{intent}": answers[..., place].ravel() for place, intent in enumerate(intents)}
    return repeated.assign(feature=sweep.feature, value=np.tile(sweep.grid, len(part)), **columns)
