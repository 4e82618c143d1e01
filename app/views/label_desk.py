"""An annotator's desk: which cards the browser holds and which it gets next."""

import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

from app.views.label_card import build_cards
from core.active.handing_out import asking_now, hand_out
from core.active.leases import claim_chosen, let_go, renew
from core.active.options import QueueOptions, ScoredModel
from core.active.suggestions import suggest
from core.errors import NotFoundError
from core.intents.taxonomy import load_taxonomy
from core.store.warehouse import Warehouse

FIRST_CARDS = 10
MOST_CARDS = 120

_open_desks: "WeakValueDictionary[str, LabelDesk]" = WeakValueDictionary()
_opening = threading.Lock()
_hand_out_locks: "WeakValueDictionary[str, HandOutLock]" = WeakValueDictionary()


class HandOutLock:
    """One annotator gets sessions at one desk at a time, so that no two of their tabs are handed the same."""

    def __init__(self) -> None:
        self.lock = threading.RLock()


@dataclass
class LabelDesk:
    """What one annotator works at in one browser page; lives as long as the page is open.

    The page's runs, the API's requests and the annotator's other desks meet here, so whatever changes it holds the
    annotator's lock.

    cards: to be handed to the browser's queue; loaded: sessions the browser has; exhausted: there are no more of them;
    desk_id: by which the browser asks the API for cards.
    """

    annotator: str
    options: QueueOptions = field(default_factory=QueueOptions)
    models: tuple[ScoredModel, ...] = ()
    cards: list[dict[str, Any]] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    exhausted: bool = False
    desk_id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    hand_out_lock: HandOutLock = field(default_factory=HandOutLock, repr=False, compare=False)

    def __post_init__(self) -> None:
        with _opening:
            self.hand_out_lock = _hand_out_locks.setdefault(self.annotator, self.hand_out_lock)
            _open_desks[self.desk_id] = self

    @property
    def lock(self) -> threading.RLock:
        """The annotator's."""
        return self.hand_out_lock.lock

    def open(self, warehouse: Warehouse, first_session: str | None = None) -> None:
        """Lay out the first cards, `first_session` on top."""
        first = self._build(warehouse, [first_session]) if first_session else []
        if first_session and not first:
            raise NotFoundError(f"There is no session '{first_session}'. Open the label queue without it.")
        if first_session:
            claim_chosen(
                warehouse, self.options, asking_now(warehouse, self.options, self.annotator), str(first_session)
            )
        self.fetch(warehouse, [first_session] if first_session else [], FIRST_CARDS)
        self.cards = first + self.cards

    def fetch(self, warehouse: Warehouse, loaded: Sequence[str], wanted: int) -> None:
        """Replace the cards by the next `wanted` ones, none of which the browser has."""
        limit = min(max(wanted, 0), MOST_CARDS)
        with self.lock:
            session_ids = hand_out(
                warehouse,
                self.options,
                annotator=self.annotator,
                wanted=limit,
                loaded=loaded,
                elsewhere=self.elsewhere(),
                models=self.models,
            )
            self.exhausted = len(session_ids) < limit
            self.loaded = [*loaded, *session_ids]
            self.cards = self._build(warehouse, session_ids)

    def bring(self, warehouse: Warehouse, loaded: Sequence[str], wanted: int) -> tuple[list[dict[str, Any]], bool]:
        """The next cards for a browser that asks the API, and whether there are no more; the page keeps none of them.

        Raises:
            InvalidQueueError: the queue's filter or query cannot be used any more.
        """
        with self.lock:
            self.fetch(warehouse, loaded, wanted)
            cards, self.cards = self.cards, []
            return cards, self.exhausted

    def take(self, warehouse: Warehouse, sent: Mapping[str, Any]) -> None:
        """Bring the cards the browser wants; its labels go to the API by themselves."""
        loaded = [str(session_id) for session_id in sent.get("loaded") or []]
        self.fetch(warehouse, loaded, int(sent.get("wanted") or 0))

    def keep(self, warehouse: Warehouse) -> None:
        """Called while the page is open: its sessions stay its own, and an ended queue is looked at again."""
        with self.lock:
            renew(warehouse, self.options, asking_now(warehouse, self.options, self.annotator), self.loaded)
            if self.exhausted:
                held_before = self.cards
                self.fetch(warehouse, self.loaded, FIRST_CARDS)
                self.cards = held_before + self.cards

    def elsewhere(self) -> list[str]:
        """What the annotator's other tabs hold."""
        others = (desk for desk in list(_open_desks.values()) if desk.annotator == self.annotator and desk is not self)
        return [session_id for desk in others for session_id in desk.loaded]

    def leave(self, warehouse: Warehouse) -> None:
        """The page was closed, or shows another queue."""
        _open_desks.pop(self.desk_id, None)
        let_go(warehouse, self.options, asking_now(warehouse, self.options, self.annotator))

    def _build(self, warehouse: Warehouse, session_ids: Sequence[str]) -> list[dict[str, Any]]:
        suggestions = suggest(
            warehouse,
            session_ids,
            annotator=self.annotator,
            model=self.models[0] if self.models else None,
            intents=[intent.id for intent in load_taxonomy(warehouse)],
        )
        cards = build_cards(warehouse, session_ids, self.annotator)
        return [card | {"suggestion": suggestions.get(card["session_id"])} for card in cards]


def open_desk(desk_id: str) -> LabelDesk:
    """The desk that a page has open under this id.

    Raises:
        NotFoundError: its page was closed, or opened before the server's last start.
    """
    desk = _open_desks.get(desk_id)
    if desk is None:
        raise NotFoundError(f"There is no open desk '{desk_id[:40]}'. Reload the Label page.")
    return desk
