"""Where a model was wrong, worst first: cases to learn from, or labels to look at again."""

import numpy as np
import pandas as pd

from core.evaluation.records import Records
from core.training.held_out import MODEL

CASE_COLUMNS = (
    "session_id",
    "visitor_id",
    "event_id",
    "place",
    "session_events",
    "answer_kind",
    "answer",
    "guess",
    "confidence",
    "answer_probability",
    "loss",
)
_LEAST_PROBABILITY = 1e-7


def cases(records: Records) -> pd.DataFrame:
    """CASE_COLUMNS of labelled rows, in order of the records; `loss` is the log loss, -ln answer_probability."""
    probabilities = records.answers[MODEL].astype(np.float64)
    given = probabilities[np.arange(len(records)), records.labels()]
    frame = records.frame.assign(
        guess=records.intent_ids(records.guesses()),
        confidence=probabilities.max(axis=1),
        answer_probability=given,
        loss=-np.log(np.maximum(given, _LEAST_PROBABILITY)),
    )
    return frame[list(CASE_COLUMNS)]


def worst_by_loss(records: Records) -> pd.DataFrame:
    """All wrong answers, the one that gave the label the least probability first."""
    found = cases(records)
    return _sorted(found[found["answer"] != found["guess"]], "loss")


def most_confident_wrong(records: Records) -> pd.DataFrame:
    """All wrong answers, the surest of itself first."""
    found = cases(records)
    return _sorted(found[found["answer"] != found["guess"]], "confidence")


def behind_cell(records: Records, answer: str, guess: str) -> pd.DataFrame:
    """The cases behind a cell of the confusion matrix, the surest first."""
    found = cases(records)
    return _sorted(found[(found["answer"] == answer) & (found["guess"] == guess)], "confidence")


def _sorted(found: pd.DataFrame, column: str) -> pd.DataFrame:
    return found.sort_values([column, "event_id"], ascending=[False, True], ignore_index=True)
