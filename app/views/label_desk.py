"""An annotator's desk: which cards the browser holds, what it sent, what it may forget."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.views.label_card import build_card
from app.views.label_journal import save_operations
from app.views.visitor_records import plain_rows
from core.errors import NotFoundError, WarehouseWriteError
from core.intents.annotations import current_annotations, label_progress
from core.intents.queue import Queue, next_sessions
from core.store.event_queries import session_events
from core.store.warehouse import Warehouse

FIRST_CARDS = 10
MOST_CARDS = 60


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
    acknowledged: list[str] = field(default_factory=list)
    failure: str | None = None

    def open(self, warehouse: Warehouse, first_session: str | None = None) -> None:
        """Lay out the first cards, `first_session` on top."""
        first = _cards(warehouse, [first_session], self.annotator) if first_session else []
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
        self.cards = _cards(warehouse, session_ids, self.annotator)

    def take(self, warehouse: Warehouse, sent: Mapping[str, Any]) -> None:
        """Save what the browser sent, then bring the cards it wants."""
        self.failure = None
        self.acknowledged = []
        try:
            saved = save_operations(warehouse, sent.get("operations") or [], annotator=self.annotator)
            self.acknowledged = saved.acknowledged
            self.failure = saved.refused[0] if saved.refused else None
        except WarehouseWriteError as error:
            self.failure = str(error)
        wanted = int(sent.get("wanted") or 0)
        if wanted:
            self.fetch(warehouse, [str(session_id) for session_id in sent.get("loaded") or []], wanted)
        else:
            self.cards = []

    def progress(self, warehouse: Warehouse) -> dict[str, dict[str, int]]:
        """Labelled sessions and events of this annotator by intent."""
        rows = plain_rows(label_progress(warehouse, self.annotator))
        return {row["intent"]: {"sessions": int(row["sessions"]), "events": int(row["events"])} for row in rows}


def _cards(warehouse: Warehouse, session_ids: Sequence[str], annotator: str) -> list[dict[str, Any]]:
    cards = []
    for session_id in session_ids:
        events = session_events(warehouse, session_id)
        if events.empty:  # rebuilt by an import meanwhile
            continue
        annotations = current_annotations(warehouse, session_id=session_id, annotator=annotator)
        cards.append(build_card(session_id, events, annotations))
    return cards
