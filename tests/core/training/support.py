"""A job context in memory and a snapshot folder written from the small test shop."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from tests.core.model.shop import INTENTS, Shop


@dataclass(frozen=True)
class Spec:
    snapshot: Path
    output: Path
    arguments: dict[str, Any] = field(default_factory=dict)
    base_model: Path | None = None
    seed: int = 0
    threads: int = 1
    run_id: str = "run-1"


@dataclass
class Context:
    """Keeps what was reported; asks to stop after so many questions."""

    spec: Spec
    stop_after: int | None = None
    reports: list[tuple[str, int, int, dict[str, float]]] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    asked: int = 0

    def report(self, step: int, total: int, phase: str, **metrics: float) -> None:
        self.reports.append((phase, step, total, metrics))

    def should_stop(self) -> bool:
        self.asked += 1
        return self.stop_after is not None and self.asked > self.stop_after

    def log(self, message: str) -> None:
        self.messages.append(message)

    def losses(self, phase: str, name: str = "loss") -> list[float]:
        return [metrics[name] for told, _, _, metrics in self.reports if told == phase and name in metrics]


def session_annotations(shop: Shop, sessions: int, *, annotators: int = 1) -> pd.DataFrame:
    """True session labels for the first sessions of the shop, by so many agreeing annotators."""
    last = shop.events.assign(truth=shop.truth).groupby("session_id", sort=True).tail(1).sort_values("session_id")
    rows = [
        {
            "target_kind": "session",
            "event_id": None,
            "session_id": row.session_id,
            "intent": row.truth,
            "annotator": f"analyst {number}",
            "created_at": pd.Timestamp("2026-06-01"),
            "status": "submitted",
        }
        for row in last.head(sessions).itertuples()
        for number in range(annotators)
    ]
    columns = ["target_kind", "event_id", "session_id", "intent", "annotator", "created_at", "status"]
    return pd.DataFrame(rows, columns=columns)


def write_snapshot(folder: Path, shop: Shop, annotations: pd.DataFrame, media: Path | None = None) -> Path:
    """The folder as the store writes it."""
    folder.mkdir(parents=True)
    shop.events.to_parquet(folder / "events.parquet")
    shop.items.to_parquet(folder / "items.parquet")
    annotations.to_parquet(folder / "annotations.parquet")
    (folder / "taxonomy.json").write_text(json.dumps([{"id": intent} for intent in (*INTENTS, "other")]))
    about = {"snapshot_id": "snapshot-1", "media": None if media is None else str(media)}
    (folder / "snapshot.json").write_text(json.dumps(about))
    return folder
