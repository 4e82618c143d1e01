"""Models in memory: the champion loads in the background on first use, others on demand; torch is only loaded here."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Set
from typing import TYPE_CHECKING, Literal

from app.heap import freeze_heap
from core.errors import IntentLensError, NoModelError
from core.registry.models import ModelRecord, champion, get_model

if TYPE_CHECKING:
    from core.model.scorer import SessionScorer
    from core.store.warehouse import Warehouse

logger = logging.getLogger(__name__)

CAPACITY = 3
"""Models kept in memory; a small model takes about 20 MB."""

State = Literal["none", "loading", "ready"]


class ModelHolder:
    """Scorers by model_id, the least recently used one forgotten first."""

    def __init__(self, warehouse: "Warehouse", *, capacity: int = CAPACITY) -> None:
        self._warehouse = warehouse
        self._capacity = capacity
        self._scorers: OrderedDict[str, SessionScorer] = OrderedDict()
        self._broken: dict[str, IntentLensError] = {}
        self._lock = threading.Lock()
        self._load_lock = threading.Lock()
        self._loading: dict[str, threading.Thread] = {}
        self._record_lock = threading.Lock()
        self._record: ModelRecord | None = None
        self._record_is_known = False
        self._serving: SessionScorer | None = None
        warehouse.changes.listen("models", self._on_models)

    def champion(self) -> "SessionScorer | None":
        """The scorer that serves: the champion's, or until it is loaded, which this call starts, the one before.

        None while there is no champion, or it is the first and being loaded.

        Raises:
            BrokenCheckpointError: the champion's folder cannot be loaded; promote another model.
        """
        record = self._champion_record()
        if record is None:
            return None
        if (error := self._broken.get(record.model_id)) is not None:
            raise error
        if (scorer := self._held(record.model_id)) is not None:
            self._serving = scorer
        else:
            self._start_loading(record)
        return self._serving

    def serving(self, timeout_s: float) -> "SessionScorer":
        """The champion's scorer, waiting for it to load if it must.

        Raises:
            NoModelError: there is no champion, or it did not load within `timeout_s`.
            BrokenCheckpointError: its folder cannot be loaded.
        """
        if (scorer := self.awaited(timeout_s)) is None:
            raise NoModelError("There is no model yet. Label sessions and train one on the Train page.")
        return scorer

    def awaited(self, timeout_s: float) -> "SessionScorer | None":
        """As `serving`, but None while there is no champion."""
        record = self._champion_record()
        if record is None:
            return None
        if (scorer := self.champion()) is not None:
            return scorer
        if (thread := self._loading.get(record.model_id)) is not None:
            thread.join(timeout_s)
        if (scorer := self.champion()) is not None:
            return scorer
        raise NoModelError(f"The model '{record.model_id}' is still being loaded; ask again in a moment.")

    def scorer(self, model_id: str) -> "SessionScorer":
        """The scorer of any registered model; loads it now if it must.

        Raises:
            NotFoundError: no such model.
            BrokenCheckpointError: its folder cannot be loaded.
        """
        return self._load(get_model(self._warehouse, model_id))

    def state(self) -> State:
        """Whether there is no champion, none in memory yet, or one that has made its first prediction (maybe the one
        before)."""
        record = self._champion_record()
        if record is None:
            return "none"
        return "loading" if self._serving is None and self._held(record.model_id) is None else "ready"

    def _champion_record(self) -> ModelRecord | None:
        """The champion, read from the warehouse only after models were registered or promoted."""
        with self._record_lock:
            if not self._record_is_known:
                self._record_is_known = True  # before reading: a change meanwhile makes it unknown again
                self._record = champion(self._warehouse)
            return self._record

    def _on_models(self, _: Set[str]) -> None:
        self._record_is_known = False

    def _held(self, model_id: str) -> "SessionScorer | None":
        with self._lock:
            scorer = self._scorers.get(model_id)
            if scorer is not None:
                self._scorers.move_to_end(model_id)
            return scorer

    def _start_loading(self, record: ModelRecord) -> None:
        with self._lock:
            if record.model_id in self._loading:
                return
            thread = threading.Thread(target=self._load_quietly, args=(record,), name="model-loader", daemon=True)
            self._loading[record.model_id] = thread
            thread.start()

    def _load_quietly(self, record: ModelRecord) -> None:
        try:
            self._load(record)
        except IntentLensError as error:
            logger.warning("The model '%s' cannot be loaded: %s", record.model_id, error)
            self._broken[record.model_id] = error
        finally:
            with self._lock:
                self._loading.pop(record.model_id, None)

    def _load(self, record: ModelRecord) -> "SessionScorer":
        with self._load_lock:  # one at a time: two loads at once are slower than one after the other
            if (held := self._held(record.model_id)) is not None:
                return held
            from core.model.scorer import SessionScorer
            from core.model.warm_up import warm_up

            scorer = SessionScorer.load(record.folder)
            warm_up(scorer)  # before anybody is told that it is ready: the first prediction takes many times longer
            with self._lock:
                self._scorers[record.model_id] = scorer
                while len(self._scorers) > self._capacity:
                    self._scorers.popitem(last=False)
            freeze_heap()
            return scorer
