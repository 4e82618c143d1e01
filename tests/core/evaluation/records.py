"""Records made by hand: each session a string of guesses, certain or by given probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from core.evaluation.records import COLUMNS, NAMES, Records
from core.training.held_out import write_answers

INTENTS = ("browse", "search", "deal")
LETTERS = {intent[0]: intent for intent in INTENTS}
START = datetime(2026, 5, 1)


@dataclass(frozen=True)
class Played:
    """One session: guesses event by event ("bbs"), its label's letter, and how sure the model is of each guess."""

    session_id: str
    guesses: str
    answer: str | None
    visitor_id: str = ""
    sure: Sequence[float] = field(default_factory=list)
    beside: str = ""


def records(*sessions: Played, intents: tuple[str, ...] = INTENTS) -> Records:
    """The model answers as played; baselines as `beside` says, or always the first intent."""
    rows = [row for session in sessions for row in _rows(session)]
    own = np.concatenate([_probabilities(s.guesses, s.sure, intents) for s in sessions])
    others = np.concatenate([_probabilities(s.beside or "b" * len(s.guesses), [], intents) for s in sessions])
    answers = {name: own if name == "model" else others for name in NAMES}
    return Records(intents, pd.DataFrame(rows, columns=list(COLUMNS)), answers)


def write_labelled(
    folder: Path, answers: Sequence[str | None], said: np.ndarray, intents: tuple[str, ...], first: int = 0
) -> None:
    """evaluation.parquet of sessions s<n> of one event e<n> and one visitor v<n> each, n from `first`."""
    rows = [
        (f"e{n}", f"s{n}", f"v{n}", START, 1, 1, answer, answer and "event", None)
        for n, answer in enumerate(answers, first)
    ]
    values = said.astype(np.float32)
    write_answers(folder, pd.DataFrame(rows, columns=list(COLUMNS)), dict.fromkeys(NAMES, values), intents)


def _rows(session: Played) -> list[tuple[object, ...]]:
    length, answer = len(session.guesses), LETTERS.get(session.answer or "")
    visitor = session.visitor_id or f"visitor of {session.session_id}"
    return [
        (
            f"{session.session_id}.{place}",
            session.session_id,
            visitor,
            START + timedelta(minutes=place),
            place,
            length,
            answer if place == length else None,
            "session" if answer and place == length else None,
            answer,
        )
        for place in range(1, length + 1)
    ]


def _probabilities(guesses: str, sure: Sequence[float], intents: tuple[str, ...]) -> np.ndarray:
    confidence = np.array(sure or [0.8] * len(guesses), dtype=np.float32)
    places = [intents.index(LETTERS[letter]) for letter in guesses]
    values = np.tile(((1 - confidence) / (len(intents) - 1))[:, None], (1, len(intents))).astype(np.float32)
    values[np.arange(len(guesses)), places] = confidence
    return values
