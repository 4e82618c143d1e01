"""The import that runs in the background of the server, one at a time, so that no page has to stay open."""

import logging
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import IntentLensError
from core.importers.mapping import ColumnMapping
from core.store.import_pipeline import ImportProgress, ImportResult, import_file
from core.store.warehouse import Warehouse

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ImportState:
    """Where the last started import is; it is over when there is a result or an error."""

    file_name: str
    progress: ImportProgress
    result: ImportResult | None = None
    error: str | None = None

    @property
    def is_over(self) -> bool:
        return self.result is not None or self.error is not None


class ImportRunner:
    """Starts imports and remembers the last one."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.state: ImportState | None = None

    @property
    def is_running(self) -> bool:
        return self.state is not None and not self.state.is_over

    def start(self, path: Path, file_name: str, mapping: ColumnMapping | str | None) -> bool:
        """Import a file; it and its folder, if empty, are deleted afterwards. False when an import runs already."""
        with self._lock:
            if self.is_running:
                return False
            self._stopping.clear()
            self.state = ImportState(file_name, ImportProgress("reading"))
            self._thread = threading.Thread(target=self._run, args=(path, file_name, mapping), name="import")
            self._thread.start()
            return True

    def stop(self) -> None:
        """Stop after the present batch; what was added stays."""
        self._stopping.set()

    def forget(self) -> None:
        """Forget an import that is over."""
        with self._lock:
            if not self.is_running:
                self.state = None

    def close(self) -> None:
        """Stop and wait."""
        self.stop()
        if self._thread is not None:
            self._thread.join()

    def _run(self, path: Path, file_name: str, mapping: ColumnMapping | str | None) -> None:
        outcome = ImportState(
            file_name, ImportProgress("finished"), error="The import failed; the server's log says why."
        )
        try:
            result = import_file(
                self._warehouse,
                path,
                mapping=mapping,
                file_name=file_name,
                progress=lambda progress: self._tell(file_name, progress),
                should_stop=self._stopping.is_set,
            )
            outcome = replace(outcome, result=result, error=None)
        except (IntentLensError, OSError) as error:
            _log.warning("Importing '%s' failed: %s", file_name, error)
            outcome = replace(outcome, error=str(error))
        finally:
            path.unlink(missing_ok=True)
            with suppress(OSError):  # other files are in the folder
                path.parent.rmdir()
            self.state = outcome

    def _tell(self, file_name: str, progress: ImportProgress) -> None:
        self.state = ImportState(file_name, progress)
