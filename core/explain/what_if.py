"""One session's prediction under edits: many variants scored in one go, and the heatmap of any of them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from core.events.rows import plain_rows
from core.events.schema import EVENT_COLUMNS, EVENT_SCHEMA
from core.explain.attribution import explain_prediction
from core.explain.edits import Edit, Row, apply_edits, longest_gap_s, split_sessions
from core.explain.heatmap import Heatmap
from core.explain.methods.integrated_gradients import IntegratedGradients
from core.explain.variant import Variant

if TYPE_CHECKING:
    from core.model.scorer import SessionScorer

_FIRST_LOOK = IntegratedGradients(n_steps=8, most_steps=8)
"""One batch of points, in less than half the time of the usual 20; on the sample shop 1 % is met five times in six."""
_REFINED = IntegratedGradients(n_steps=16)
"""For the sixth time: doubled as ever until 1 % is met."""


class WhatIf:
    """The prediction at the end of one session, as a function of edits of that session's events.

    What the visitor did before the session stays. Everything is scored by the real model with the real history
    features: a removed event is missing from counts, repeats and pauses too.
    """

    def __init__(
        self,
        scorer: "SessionScorer",
        past: pd.DataFrame,
        items: pd.DataFrame,
        media: Path | None = None,
        *,
        inactivity_gap_minutes: int = 30,
    ) -> None:
        """Take the visitor's events in order, up to the one whose prediction is looked at; its session is edited.

        Args:
            items: those that `past` names and those that edits may name.
        """
        self._scorer, self._items, self._media = scorer, items, media
        self.items: dict[str, Row] = {row["item_id"]: row for row in plain_rows(items)}
        rows = event_rows(past)
        session_id = rows[-1]["session_id"]
        self.rows: list[Row] = [row for row in rows if row["session_id"] == session_id]
        self._before = [row for row in rows if row["session_id"] != session_id]
        self._longest_gap_s = longest_gap_s(self.rows, inactivity_gap_minutes)

    @property
    def intents(self) -> tuple[str, ...]:
        """The order of the probabilities."""
        return self._scorer.intents

    def edited(self, edits: Sequence[Edit] = ()) -> list[Row]:
        """The session's events after the edits, sessions named anew where a pause has become too long.

        Raises:
            InvalidEditError: an edit cannot be.
        """
        return split_sessions(apply_edits(self.rows, edits), self._longest_gap_s)

    def frame(self, edits: Sequence[Edit] = ()) -> pd.DataFrame:
        """All events up to the end of the edited session, in order, by EVENT_COLUMNS."""
        return event_frame(self._stream(edits))

    def probabilities(self, variants: Sequence[Sequence[Edit]]) -> npt.NDArray[np.float32]:
        """[V, K] at the session's end, one row a list of edits.

        Raises:
            InvalidEditError: an edit cannot be.
        """
        if not variants:
            return np.zeros((0, len(self.intents)), dtype=np.float32)
        rows = [
            row | {"visitor_id": f"{number:09}"} for number, edits in enumerate(variants) for row in self._stream(edits)
        ]
        ends: npt.NDArray[np.float32] = self._scorer.score_ends(event_frame(rows), self._items, self._media)
        return ends

    def variant(self, edits: Sequence[Edit] = ()) -> Variant:
        """The session under edits, to be asked for probabilities and heatmaps.

        Raises:
            InvalidEditError: an edit cannot be.
        """
        return Variant(self._scorer, self._stream(edits), self.items, self._media)

    def explain(self, variant: Variant, intent: str, *, refined: bool = False) -> Heatmap:
        """The heatmap of one intent where a variant ends; how far it adds up is its `relative_error`.

        Args:
            refined: take as many points of the path as 1 % asks for, in several times the time.

        Raises:
            UnknownIntentError: the model does not know the intent.
        """
        method = _REFINED if refined else _FIRST_LOOK
        heatmap = explain_prediction(variant.prediction(intent), method, check=False)
        event_ids = tuple(str(row["event_id"]) for row in variant.shown)
        return replace(heatmap, event_ids=event_ids, intent=intent, model_id=self._scorer.model_id)

    def _stream(self, edits: Sequence[Edit]) -> list[Row]:
        """What came before the session and the session as edited, in order; nothing that came after its end.

        An event inserted long before the session may come before earlier sessions too.
        """
        session = self.edited(edits)
        earlier = [row for row in self._before if _moment(row) < _moment(session[-1])]
        return sorted(earlier + session, key=_moment)


def _moment(row: Row) -> tuple[Any, str]:
    """By what events are ordered everywhere."""
    return row["occurred_at"], row["event_id"]


def event_rows(events: pd.DataFrame) -> list[Row]:
    """The events of a frame as rows, what is missing as None."""
    return plain_rows(events[list(EVENT_COLUMNS)])


def event_frame(rows: Sequence[Row]) -> pd.DataFrame:
    """Rows as the frame that scoring reads."""
    columns = {name: [row[name] for row in rows] for name in EVENT_COLUMNS}
    frame: pd.DataFrame = pa.table(columns, schema=EVENT_SCHEMA).to_pandas()
    return frame
