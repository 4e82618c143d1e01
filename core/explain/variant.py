"""One edited session as the model reads it: read once, for its probabilities and for the heatmap of any intent."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from core.explain.edits import Row
from core.explain.prediction import Prediction
from core.explain.question import Question, place_of
from core.model.history import VisitorHistory

if TYPE_CHECKING:
    from core.model.scorer import SessionScorer


class Variant:
    """A stream of one visitor's events under edits, looked at where it ends.

    Event by event, as real-time tracking reads them, and not as a frame: some dozens of events take a tenth of the
    time so.
    """

    def __init__(
        self,
        scorer: "SessionScorer",
        rows: Sequence[Row],
        items: Mapping[str, Mapping[str, Any]],
        media: Path | None = None,
    ) -> None:
        """Take a stream in order of time.

        Args:
            rows: all of the visitor's events up to the one looked at.
            items: what is known of the items that they name, by item_id.
        """
        self._scorer, self._items, self._media = scorer, items, media
        self.rows = list(rows)
        self.first = scorer.window_start(len(self.rows) - 1)

    @property
    def shown(self) -> list[Row]:
        """The T events that the model reads at the end."""
        return self.rows[self.first :]

    @cached_property
    def ends(self) -> Tensor:
        """[2, K] float32: the probabilities of the events, and of as many mean events; in one pass."""
        both = torch.cat([self._field_embeddings, self._baseline])
        with torch.inference_mode():
            logits = self._scorer.model(field_embeddings=both, only_last=True).intent_logits
            probabilities: Tensor = self._scorer.probabilities(logits[:, -1])
        return probabilities

    @property
    def probabilities(self) -> list[float]:
        """[K] at the end, in the order of the model's intents."""
        probabilities: list[float] = self.ends[0].tolist()
        return probabilities

    @cached_property
    def readings(self) -> list[dict[str, float]]:
        """What the model's numbers are at the T events, in their own units (Featurizer.readings)."""
        history, featurizer = VisitorHistory(), self._scorer.featurizer
        for row in self.rows[: self.first]:
            featurizer.pass_by(history, row, self._item(row))
        return [featurizer.reading_one(history, row, self._item(row)) for row in self.shown]

    def prediction(self, intent: str) -> Prediction:
        """One intent's probability at the end, for attribution methods.

        Raises:
            UnknownIntentError: the model does not know the intent.
        """
        target = place_of(self._scorer, intent)
        embeddings = self._field_embeddings
        mask = torch.ones(embeddings.shape[:2], dtype=torch.bool)
        question = Question(self._scorer, embeddings, mask, target)
        probability, baseline = self.ends[:, target].tolist()
        return Prediction(question.value, embeddings, self._baseline, mask, known_ends=(probability, baseline))

    @cached_property
    def _field_embeddings(self) -> Tensor:
        """[1, T, F, d]."""
        stream = self._scorer.start()
        for row in self.rows[: self.first]:
            self._scorer.pass_by(stream, row, self._item(row))
        read = [self._scorer.read(stream, row, self._item(row)) for row in self.shown]
        with torch.no_grad():
            embeddings: Tensor = self._scorer.model.encode_fields(self._scorer.row_batch(read, self._media))
        return embeddings

    @property
    def _baseline(self) -> Tensor:
        return self._scorer.mean_event_baseline().expand_as(self._field_embeddings)

    def _item(self, row: Row) -> Mapping[str, Any]:
        return self._items.get(row["item_id"], {})
