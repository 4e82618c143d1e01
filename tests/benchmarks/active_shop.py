"""The sample shop as an active learner meets it: a pool to ask about, an annotator who knows, and a quick model.

The quick model is the recipe `head`: the pretrained model's forecasts read once, a regression on them after each batch.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from core.active.query_strategies.typical import behavior_points
from core.events.synthetic import sample_folder
from core.events.synthetic.behavior import INTENTS
from core.model.checkpoint import Checkpoint, load_checkpoint
from core.model.heads import IntentHead
from core.training.arguments import FinetuneArguments
from core.training.finetune import with_intents
from core.training.kinds_of_sessions import KINDS_FILE, kinds_for
from core.training.labeled_windows import read_out
from core.training.labels import Labels, read_labels, smoothed
from core.training.linear_probe import ProbeRows, fit_head
from core.training.prepared import PreparedEvents
from core.training.scoring import is_last_of_session
from core.training.semisupervised.kinds import believed_kinds
from core.training.snapshot import TrainingSnapshot, read_snapshot
from core.training.supervision import class_weights
from tests.benchmarks.bench_model import Bench

LEAST_EVENTS = 2
"""As in every label queue."""


class ActiveShop:
    """ends: [P] rows of the pool's sessions' last events; answers: [P] places in INTENTS of what they were about.
    lengths: [P] events in each.

    states: [P, d] float32, the pretrained model's forecasts at each session's end, which `core_set` and its like read.
    forecasts: [N, d] of all events of both shops, whose columns `table` holds.
    counts: [P, T] float32, what happened in each session: all that is known before any model.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.bench = Bench(folder, {}, base=sample_folder() / "model" / "pretrained")
        events = self.bench.events
        size = events.groupby("session_id")["event_id"].transform("size").to_numpy()
        self.ends = np.flatnonzero(is_last_of_session(events) & ~self.bench.held_out & (size >= LEAST_EVENTS))
        self.lengths = size[self.ends]
        self.answers = self.bench.answers[self.ends]
        self._snapshot: TrainingSnapshot = replace(read_snapshot(self.bench.snapshot_folder), events=events)
        checkpoint = with_intents(load_checkpoint(folder / "pretrained"), ("any", "other"), 0)
        prepared = PreparedEvents(checkpoint, self._snapshot)
        self.table = prepared.table
        self.forecasts = self._read_forecasts(checkpoint, prepared)
        self.states = self.forecasts[self.ends].numpy()
        self.counts = self._counts()

    def sort_into_kinds(self, seed: int) -> None:
        """As pretraining does, of the pool alone: `kind` and `sureness` [P], and the file that fine-tuning reads."""
        fitted = ~self.bench.held_out
        forecasts = self.forecasts[torch.from_numpy(fitted)]
        beliefs = believed_kinds(self.table, forecasts, fitted, kinds_for(len(INTENTS)), seed)[self.ends].numpy()
        self.kind, self.sureness = beliefs.argmax(axis=1), beliefs.max(axis=1)
        sessions = self.bench.events["session_id"].to_numpy()[self.ends]
        frame = pd.DataFrame({"session_id": sessions, "kind": self.kind, "sureness": self.sureness})
        frame.to_parquet(self._folder / "pretrained" / KINDS_FILE)

    def quick(self, chosen: np.ndarray, seed: int) -> np.ndarray:
        """Probabilities [N, len(INTENTS)] at all events of a head fitted to the chosen sessions of the pool."""
        labels = self._labels(chosen)
        arguments = FinetuneArguments()
        rows = ProbeRows(
            forecasts=self.forecasts[labels.rows],
            targets=torch.from_numpy(smoothed(labels.targets, arguments.label_smoothing)),
            weights=torch.from_numpy(labels.weights * class_weights(labels)),
            groups=labels.sessions,
            decisive=torch.from_numpy(labels.decisive),
        )
        head = IntentHead(len(labels.intents))
        with torch.no_grad():
            head.requires_grad_(False)
        fit_head(head, rows, seed)
        with torch.no_grad():
            answered = torch.softmax(head(self.forecasts), dim=-1).numpy()
        return in_order(answered, labels.intents)

    def _counts(self) -> np.ndarray:
        events = self.bench.events
        table = pd.crosstab(events["session_id"], events["event_type"])
        return behavior_points(table.loc[events["session_id"].to_numpy()[self.ends]].to_numpy())

    def _labels(self, chosen: np.ndarray) -> Labels:
        weight = FinetuneArguments().earlier_event_weight
        snapshot = self._snapshot
        annotations = self.annotations(chosen)
        return read_labels(annotations, snapshot.events, snapshot.taxonomy, earlier_event_weight=weight)

    def annotations(self, chosen: np.ndarray) -> pd.DataFrame:
        """What an annotator who knows the truth says of the chosen sessions."""
        return self.bench.true_annotations(self.ends[chosen])

    def _read_forecasts(self, checkpoint: Checkpoint, prepared: PreparedEvents) -> torch.Tensor:
        """[N, FORECAST_SIZE] of all events of both shops."""
        count = len(self.bench.events)
        nothing = Labels(
            ("any", "other"),
            np.arange(count),
            np.zeros((count, 2), dtype=np.float32),
            np.ones(count, dtype=np.float32),
            np.ones(count, dtype=bool),
            np.zeros(count, dtype=np.int64),
        )
        return read_out(checkpoint.model, prepared, nothing)[0]


def in_order(probabilities: np.ndarray, intents: tuple[str, ...]) -> np.ndarray:
    """[N, K] with the columns of INTENTS; what was not labelled yet has no probability."""
    ordered = np.zeros((len(probabilities), len(INTENTS)), dtype=np.float32)
    ordered[:, [INTENTS.index(intent) for intent in intents]] = probabilities
    return ordered


@dataclass(frozen=True)
class Seen:
    """What a strategy may look at: [P, K] probabilities of the present model (None before the first), the sessions
    labelled so far (in order) and their answers."""

    probabilities: np.ndarray | None
    chosen: np.ndarray
    answers: np.ndarray
