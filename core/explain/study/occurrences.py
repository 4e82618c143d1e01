"""Transitions and words of explained sessions, and what the model's answer owes to each where it occurs."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from core.explain.heatmap import Heatmap

OccurrenceKind = Literal["transition", "word"]
OCCURRENCE_KINDS: tuple[OccurrenceKind, ...] = ("transition", "word")
ARROW = " → "
_TEXT = "text"
TOGETHER = " · "
# CJK has no spaces between words: pairs of neighbouring characters stand for them, as in search without a dictionary.
_CJK = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_RUN = re.compile(rf"([{_CJK}]+)|[^\W\d_{_CJK}]{{2,}}")
_PAIR = re.compile(rf"[{_CJK}]{{2,}}")


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
            for word in words_in(text):
                found["word", word].append(float(value))
    for (kind, name), values in found.items():
        yield {"kind": kind, "name": name, "value": float(np.mean(values))}


def words_in(text: str) -> set[str]:
    """Its words in lower case; of a run of Chinese or Japanese characters each pair, "便宜灯" -> {"便宜", "宜灯"}."""
    found: set[str] = set()
    for run in _RUN.finditer(text.lower()):
        characters = run.group(1)
        if characters is None or len(characters) == 1:
            found.add(run.group())
        else:
            found |= {characters[at : at + 2] for at in range(len(characters) - 1)}
    return found


def joined(names: Sequence[str]) -> str:
    """Names that always occur together as one: pairs of characters that overlap become the run they are of.

    ("休闲", "闲椅", "oak") -> "休闲椅 · oak".
    """
    left = sorted(names)
    runs: list[str] = []
    while left:
        run = left.pop(0)
        while _PAIR.fullmatch(run):
            after = next((one for one in left if _is_pair(one) and one[0] == run[-1]), None)
            before = next((one for one in left if _is_pair(one) and one[1] == run[0]), None)
            if after is None and before is None:
                break
            run, used = (run + after[1], after) if after is not None else (str(before)[0] + run, str(before))
            left.remove(used)
        runs.append(run)
    return TOGETHER.join(runs)


def _is_pair(name: str) -> bool:
    return len(name) == 2 and _PAIR.fullmatch(name) is not None


def _texts(events: pd.DataFrame, items: pd.DataFrame) -> list[str]:
    titles = items.drop_duplicates("item_id").set_index("item_id")["title"]
    columns = [events["query"], events["text"], events["item_id"].map(titles)]
    return [" ".join(str(part) for part in parts if pd.notna(part)) for parts in zip(*columns, strict=True)]
