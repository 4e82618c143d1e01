"""The texts of a run: from files frozen in its snapshot, or else the shop's own labelled messages and queries."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from core.errors import TooFewLabelsError, UnreadableFileError
from core.model.featurizer import distinct_texts
from core.training.labels import of_gold_first
from core.training.snapshot import read_snapshot

TEXTS = "texts"
UNLABELLED = "unlabelled"
"""Stems of the files in the snapshot; their endings say what they are."""

LEAST_OF_AN_INTENT = 2


@dataclass(frozen=True)
class TextExamples:
    """texts [N] with labels [N] int64 into `intents`; unlabelled: distinct further texts."""

    intents: tuple[str, ...]
    texts: tuple[str, ...]
    labels: np.ndarray
    unlabelled: tuple[str, ...]


def read_table(path: Path, needed: tuple[str, ...]) -> pd.DataFrame:
    """Rows of a CSV, JSON Lines or Parquet file with these columns as text, empty ones left out.

    Raises:
        UnreadableFileError: not such a file, or a column is missing.
    """
    try:
        frame = _READERS.get(path.suffix.lower(), _read_csv)(path)
    except (OSError, ValueError) as error:
        raise UnreadableFileError(
            f"'{path.name}' cannot be read ({error}); expected CSV, JSON Lines or Parquet."
        ) from error
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise UnreadableFileError(
            f"'{path.name}' lacks the column '{missing[0]}' and has {', '.join(map(str, frame.columns[:8]))}; "
            f"expected {' and '.join(needed)}."
        )
    frame = frame[list(needed)].dropna().astype(str)
    return frame[(frame != "").all(axis=1)].reset_index(drop=True)


def read_examples(snapshot: Path, most_unlabelled: int, seed: int) -> TextExamples:
    """The run's examples: those of its files, or of the shop where it has none.

    Raises:
        TooFewLabelsError: fewer than two intents, or one of them with a single text.
        UnreadableFileError: the snapshot is damaged.
    """
    given = next(iter(sorted(snapshot.glob(f"{TEXTS}.*"))), None)
    labelled, unlabelled = _of_shop(snapshot) if given is None else _of_files(snapshot, given)
    labelled = labelled.drop_duplicates()
    counts = labelled["intent"].value_counts()
    intents = tuple(sorted(counts.index))
    if len(intents) < 2 or counts.min() < LEAST_OF_AN_INTENT:
        scarce = intents[0] if len(intents) == 1 else str(counts.idxmin()) if intents else "any intent"
        raise TooFewLabelsError(
            f"{len(labelled)} text(s) of {len(intents)} intent(s) are labelled, expected two intents with "
            f"{LEAST_OF_AN_INTENT} texts each; label more texts, first other ones than '{scarce}'."
            if len(intents) < 2
            else f"'{scarce}' has {counts.min()} labelled text, expected {LEAST_OF_AN_INTENT}; label one more of it."
        )
    known = set(labelled["text"])
    further = [text for text in dict.fromkeys(unlabelled) if text not in known]
    if len(further) > most_unlabelled:
        chosen = np.random.default_rng(seed).choice(len(further), most_unlabelled, replace=False)
        further = [further[place] for place in np.sort(chosen)]
    place = {intent: index for index, intent in enumerate(intents)}
    labels = labelled["intent"].map(place).to_numpy(dtype=np.int64)
    return TextExamples(intents, tuple(labelled["text"]), labels, tuple(further))


def _of_files(snapshot: Path, given: Path) -> tuple[pd.DataFrame, list[str]]:
    further = sorted(snapshot.glob(f"{UNLABELLED}.*"))
    unlabelled = [text for path in further for text in read_table(path, ("text",))["text"]]
    return read_table(given, ("text", "intent")), unlabelled


def _of_shop(snapshot: Path) -> tuple[pd.DataFrame, list[str]]:
    """Events labelled by people that carry a message or a query, by gold where there is any; all other texts of the
    shop are unlabelled."""
    shop = read_snapshot(snapshot)
    words = shop.events[["event_id", "text", "query"]]
    words = words.assign(text=words["text"].fillna(words["query"])).dropna(subset=["text"])
    labels = of_gold_first(shop.annotations[shop.annotations["target_kind"].eq("event")])
    joined = labels.merge(words, on="event_id")[["text", "intent"]].astype(str)
    votes = joined.groupby(["text", "intent"], sort=True).size().rename("votes").reset_index()
    winners = votes.sort_values("votes", kind="stable").drop_duplicates("text", keep="last")
    return winners[["text", "intent"]].sort_values("text"), distinct_texts(shop.events, shop.items)


def _read_csv(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t" if path.suffix.lower() == ".tsv" else ",", dtype=str, keep_default_na=False)


def _read_lines(path: Path) -> pd.DataFrame:
    return pd.read_json(path, lines=True, dtype=False)


_READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    ".parquet": pd.read_parquet,
    ".jsonl": _read_lines,
    ".ndjson": _read_lines,
    ".json": _read_lines,
}
