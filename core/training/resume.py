"""Resume points: everything a stopped or killed run needs to go on exactly where it was."""

import os
import time
import zipfile
from pathlib import Path
from typing import Any

import torch

RESUME_FILE = "resume.pt"
_INTERVAL_SECONDS = 20.0


class ResumePoint:
    """One file in the run's output, replaced atomically; gone when the run is done."""

    def __init__(self, folder: Path, *, interval_seconds: float = _INTERVAL_SECONDS) -> None:
        self._path = folder / RESUME_FILE
        self._interval_seconds = interval_seconds
        self._saved_at = time.monotonic()

    def load(self) -> dict[str, Any] | None:
        """The stored state, or None where there is none or it cannot be read (then the run starts afresh)."""
        if not zipfile.is_zipfile(self._path):
            return None
        try:
            state: dict[str, Any] = torch.load(self._path, weights_only=True)
        except (OSError, RuntimeError):
            return None
        return state

    def restore(self, model: torch.nn.Module) -> None:
        """Load the stored weights, if any: the parts of the run already done need them too."""
        state = self.load()
        if state is not None:
            model.load_state_dict(state["model"])

    def due(self) -> bool:
        """Whether enough time has passed to save again."""
        return time.monotonic() - self._saved_at >= self._interval_seconds

    def save(self, state: dict[str, Any]) -> None:
        """Store the state beside the random state of torch."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_suffix(".tmp")
        torch.save(state | {"random_state": torch.get_rng_state()}, temporary)
        os.replace(temporary, self._path)
        self._saved_at = time.monotonic()

    def clear(self) -> None:
        """Remove the file at the end of the run."""
        self._path.unlink(missing_ok=True)
