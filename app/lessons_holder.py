"""The labelled sessions that taught a model, read by it in the background and kept; asked by the page and the API."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core.errors import IntentLensError, OverloadedError
from core.registry.models import ModelRecord, get_model
from core.store.taught_queries import count_labels_until

if TYPE_CHECKING:
    from app.model_holder import ModelHolder
    from core.explain.lessons.lessons import Lessons
    from core.store.warehouse import Warehouse

_log = logging.getLogger(__name__)

CAPACITY = 2
"""Models whose lessons are kept; 5,000 labelled sessions and three states of a model take some 100 MB."""


@dataclass(frozen=True)
class LessonsState:
    """Where the reading is; `share` of it is done, 0 to 1."""

    phase: Literal["reading", "ready", "failed"]
    share: float = 0.0
    error: str = ""


class _Reading:
    """One model's lessons on their way."""

    def __init__(self) -> None:
        self.state = LessonsState("reading")
        self.lessons: Lessons | None = None
        self.done = threading.Event()


class LessonsHolder:
    """Lessons by model; read once, and anew after events of a visitor were removed or imported. Thread-safe."""

    def __init__(self, warehouse: "Warehouse", models: "ModelHolder", *, media: Path | None = None) -> None:
        self._warehouse = warehouse
        self._models = models
        self._media = media
        self._lock = threading.Lock()
        self._readings: OrderedDict[tuple[str, int], _Reading] = OrderedDict()
        warehouse.changes.listen("visitors", self._on_visitors)

    def state(self, model_id: str) -> LessonsState:
        """Where the reading is, which this call begins.

        Raises:
            NotFoundError: there is no such model.
        """
        return self._reading(model_id).state

    def lessons(self, model_id: str, timeout_s: float = 0.0) -> "Lessons":
        """The model's lessons, waiting so long for them at most.

        Raises:
            OverloadedError: they are still being read; ask again. NotFoundError: there is no such model.
            IntentLensError: the model's folder is damaged.
        """
        reading = self._reading(model_id)
        reading.done.wait(timeout_s)
        if reading.lessons is not None:
            return reading.lessons
        if reading.state.phase == "failed":
            raise IntentLensError(reading.state.error)
        share = f"{reading.state.share:.0%}"
        raise OverloadedError(f"The labelled sessions are still being read ({share} done); ask again in a moment.")

    def _reading(self, model_id: str) -> _Reading:
        record = get_model(self._warehouse, model_id)
        key = (model_id, count_labels_until(self._warehouse, record.created_at))
        with self._lock:
            reading = self._readings.get(key)
            if reading is None:
                reading = self._readings[key] = _Reading()
                thread = threading.Thread(target=self._read, args=(reading, record), name="lessons", daemon=True)
                thread.start()
            self._readings.move_to_end(key)
            while len(self._readings) > CAPACITY:
                self._readings.popitem(last=False)
        return reading

    def _read(self, reading: _Reading, record: ModelRecord) -> None:
        from core.explain.lessons.lessons import learn_lessons  # torch, only once someone asks
        from core.explain.lessons.taught import find_taught

        def told(done: int, total: int) -> None:
            reading.state = LessonsState("reading", done / max(total, 1))

        outcome = LessonsState("failed", error="The labelled sessions could not be read; the server's log says why.")
        try:
            scorer = self._models.scorer(record.model_id)
            taught = find_taught(self._warehouse, record)
            reading.lessons = learn_lessons(scorer, record.folder, taught, self._media, told)
            outcome = LessonsState("ready", 1.0)
        except (IntentLensError, OSError) as error:
            _log.exception("The lessons of '%s' cannot be read.", record.model_id)
            outcome = LessonsState("failed", error=str(error))
        finally:
            reading.state = outcome
            reading.done.set()

    def _on_visitors(self, visitor_ids: Set[str]) -> None:
        with self._lock:
            for key, reading in list(self._readings.items()):
                if reading.lessons is None or reading.lessons.visitors & visitor_ids:
                    del self._readings[key]
