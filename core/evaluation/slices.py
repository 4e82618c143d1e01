"""Whom a model serves worse: its quality by device, channel, new or returning visitor, and language."""

import re

import pandas as pd

from core.evaluation.records import BASELINES, Records
from core.evaluation.scores import scores_beside
from core.training.held_out import MODEL

SLICES = ("device", "channel", "visitor", "language")
SLICE_COLUMNS = ("slice", "value", "n", "macro_f1", "low", "high", *BASELINES)
UNKNOWN = "unknown"
OTHERS = "others"
MOST_VALUES = 8
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0002ffff]")
_LETTER = re.compile(r"[^\W\d_]")


def language_of(words: str | None) -> str:
    """`zh` when there is a Chinese character, `latin` for letters of other scripts, `none` without letters."""
    if not words or not _LETTER.search(words):
        return "none"
    return "zh" if _HAN.search(words) else "latin"


def session_slices(traits: pd.DataFrame) -> pd.DataFrame:
    """The value of each of SLICES by session_id.

    Args:
        traits: session_id, device, channel, earlier_sessions (of the visitor), words (queries and texts, or null).
    """
    frame = traits.set_index("session_id")
    return pd.DataFrame(
        {
            "device": frame["device"],
            "channel": frame["channel"],
            "visitor": frame["earlier_sessions"].gt(0).map({True: "returning", False: "new"}),
            "language": [language_of(words if isinstance(words, str) else None) for words in frame["words"]],
        },
        index=frame.index,
    )


def slice_scores(records: Records, traits: pd.DataFrame) -> pd.DataFrame:
    """SLICE_COLUMNS, the largest value first in each slice; baselines' macro-F1 on the same rows stand beside.

    Args:
        records: labelled rows; traits: as for `session_slices`, a session that is missing counts as unknown.
    """
    values = session_slices(traits).reindex(records.frame["session_id"])
    rows = []
    for name in SLICES:
        column = _few(values[name].fillna(UNKNOWN).astype(str)).reset_index(drop=True)
        for value in column.value_counts().index:
            scores = scores_beside(records.take((column == value).to_numpy()))
            own = scores[MODEL]
            beside = [scores[baseline].value for baseline in BASELINES]
            rows.append((name, value, own.n, own.value, own.low, own.high, *beside))
    return pd.DataFrame(rows, columns=list(SLICE_COLUMNS))


def _few(values: pd.Series) -> pd.Series:
    """The commonest values, what is rarer together as OTHERS."""
    common = values.value_counts().index[:MOST_VALUES]
    return values.where(values.isin(common), OTHERS)
