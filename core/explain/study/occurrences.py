"""Transitions and words of explained sessions, and what the model's answer owes to each where it occurs."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import pandas as pd

from core.explain.heatmap import Heatmap

OccurrenceKind = Literal["transition", "word"]
OCCURRENCE_KINDS: tuple[OccurrenceKind, ...] = ("transition", "word")
ARROW = " → "
_TEXT = "text"
# CJK has no spaces between words: each character is taken as one, as the heatmap's words are.
_CJK = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_CJK}]|[^\W\d_{_CJK}]{{2,}}")


def occurrences(heatmap: Heatmap, stream: pd.DataFrame, items: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """{kind, name, value}: the mean over each name's occurrences in one heatmap, in units of probability.

    A transition's value is what its second event adds. A word's is what the text field adds at the events whose query,
    message or title holds it: words of the same text share one value. Without a text field there are no words, and
    attention, which adds nothing, has neither.

    Args:
        stream: the visitor's events up to the explained one, of which the heatmap shows the last.
        items: those the events name.
    """
    if heatmap.kind == "curiosity":
        return
    seen = stream.tail(len(heatmap.event_ids))
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    types, sessions = seen["event_type"].tolist(), seen["session_id"].tolist()
    for place in range(1, len(types)):
        if sessions[place] == sessions[place - 1]:
            name = f"{types[place - 1]}{ARROW}{types[place]}"
            found["transition", name].append(float(heatmap.event_totals[place]))
    if _TEXT in heatmap.fields:
        column = heatmap.values[:, heatmap.fields.index(_TEXT)]
        for text, value in zip(_texts(seen, items), column, strict=True):
            for word in set(_WORD.findall(text.lower())):
                found["word", word].append(float(value))
    for (kind, name), values in found.items():
        yield {"kind": kind, "name": name, "value": float(np.mean(values))}


def _texts(events: pd.DataFrame, items: pd.DataFrame) -> list[str]:
    titles = items.drop_duplicates("item_id").set_index("item_id")["title"]
    columns = [events["query"], events["text"], events["item_id"].map(titles)]
    return [" ".join(str(part) for part in parts if pd.notna(part)) for parts in zip(*columns, strict=True)]
