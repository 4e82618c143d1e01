"""The snapshot folder as frames: the only input of a training run."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from core.errors import UnreadableFileError

WEAK_LABEL_COLUMNS = ("session_id", "intent", "probability", "label_source")
_WEAK_LABELS_FILE = "weak_labels.parquet"


@dataclass(frozen=True)
class TrainingSnapshot:
    """events sorted by visitor_id, occurred_at, event_id; items; current annotations; the taxonomy's intent ids.

    weak_labels: session_id, intent, probability, label_source of sessions that nobody labeled; often empty.
    """

    snapshot_id: str
    events: pd.DataFrame
    items: pd.DataFrame
    annotations: pd.DataFrame
    taxonomy: tuple[str, ...]
    media: Path | None
    weak_labels: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(WEAK_LABEL_COLUMNS)))


def read_snapshot(folder: Path) -> TrainingSnapshot:
    """Read a snapshot folder.

    Raises:
        UnreadableFileError: a part is missing or damaged, or there are no events.
    """
    try:
        about: dict[str, Any] = json.loads((folder / "snapshot.json").read_text(encoding="utf-8"))
        taxonomy = json.loads((folder / "taxonomy.json").read_text(encoding="utf-8"))
        events, items, annotations = (
            pd.read_parquet(folder / f"{name}.parquet") for name in ("events", "items", "annotations")
        )
        weak_file = folder / _WEAK_LABELS_FILE
        weak_labels = pd.read_parquet(weak_file) if weak_file.is_file() else None
    except (OSError, ValueError) as error:
        raise UnreadableFileError(
            f"The snapshot in '{folder}' cannot be read ({error}); start the job again to write a new one."
        ) from error
    if events.empty:
        raise UnreadableFileError("The snapshot has no events, expected at least one; import events first.")
    media = about.get("media")
    return TrainingSnapshot(
        snapshot_id=str(about["snapshot_id"]),
        events=events.sort_values(["visitor_id", "occurred_at", "event_id"], kind="stable", ignore_index=True),
        items=items,
        annotations=annotations,
        taxonomy=tuple(str(intent["id"]) for intent in taxonomy),
        media=Path(media) if media else None,
        **({} if weak_labels is None else {"weak_labels": weak_labels}),
    )
