"""A job's frozen orders, as JSON in its run folder."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import JobFailedError

KINDS: dict[str, str] = {
    "pretrain": "core.training.pretrain:run",
    "finetune": "core.training.finetune:run",
    "continue": "core.training.continual.job:run",
    "score": "core.training.scoring:run",
    "text": "core.training.texts.task:run",
    "purchase": "core.training.purchase.job:run",
    "export": "core.registry.export.job:run",
    "explain": "core.explain.study.job:run",
}
"""The function each kind of job runs, as `module:function`; loaded only inside the job's own process."""


@dataclass(frozen=True)
class JobSpec:
    """What a job must do, and with what.

    target: `module:function` called with the JobContext; returns the result as a JSON object.
    snapshot, output: folders inside the run folder. base_model: folder of the model to start from, or None.
    origin: who asked for it: `person`, or `learning`, the loop that trains while people label.
    """

    run_id: str
    kind: str
    target: str
    arguments: dict[str, Any]
    snapshot: Path
    output: Path
    base_model: Path | None
    seed: int
    threads: int
    origin: str = "person"

    def save(self, folder: Path) -> None:
        """Write spec.json into the run folder."""
        values = vars(self) | {
            "snapshot": str(self.snapshot),
            "output": str(self.output),
            "base_model": None if self.base_model is None else str(self.base_model),
        }
        (folder / "spec.json").write_text(json.dumps(values, ensure_ascii=False, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "JobSpec":
        """Read a run folder's spec.json.

        Raises:
            JobFailedError: it is missing or damaged.
        """
        try:
            values = json.loads((folder / "spec.json").read_text(encoding="utf-8"))
            values |= {"snapshot": Path(values["snapshot"]), "output": Path(values["output"])}
            values["base_model"] = Path(values["base_model"]) if values["base_model"] else None
            return cls(**values)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise JobFailedError(f"The run folder '{folder}' has no usable spec.json ({error}); start anew.") from error
