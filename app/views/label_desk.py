"""An annotator's desk: which cards the browser holds and which it gets next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.views.label_card import build_cards
from core.errors import NotFoundError
from core.intents.queue import Queue, next_sessions
from core.store.warehouse import Warehouse

FIRST_CARDS = 10
MOST_CARDS = 120


@dataclass
class LabelDesk:
    """What one annotator works at in one browser page; lives in the session state.

    cards: to be handed to the browser's queue; exhausted: there are no more of them.
    """

    annotator: str
    queue: Queue
    seed: int = 0
    model_id: str | None = None
    cards: list[dict[str, Any]] = field(default_factory=list)
    exhausted: bool = False

    def open(self, warehouse: Warehouse, first_session: str | None = None) -> None:
        """Lay out the first cards, `first_session` on top."""
        first = build_cards(warehouse, [first_session], self.annotator) if first_session else []
        if first_session and not first:
            raise NotFoundError(f"There is no session '{first_session}'. Open the label queue without it.")
        self.fetch(warehouse, [first_session] if first_session else [], FIRST_CARDS)
        self.cards = first + self.cards

    def fetch(self, warehouse: Warehouse, loaded: Sequence[str], wanted: int) -> None:
        """Replace the cards by the next `wanted` ones, none of which the browser has."""
        limit = min(max(wanted, 0), MOST_CARDS)
        session_ids = next_sessions(
            warehouse,
            annotator=self.annotator,
            limit=limit,
            queue=self.queue,
            exclude=list(loaded),
            seed=self.seed,
            model_id=self.model_id,
        )
        self.exhausted = len(session_ids) < limit
        self.cards = build_cards(warehouse, session_ids, self.annotator)

    def take(self, warehouse: Warehouse, sent: Mapping[str, Any]) -> None:
        """Bring the cards the browser wants; its labels go to the API by themselves."""
        loaded = [str(session_id) for session_id in sent.get("loaded") or []]
        self.fetch(warehouse, loaded, int(sent.get("wanted") or 0))
