"""Two analysts who label the sample shop: they mostly see the intent, sometimes mistake it, and then disagree."""

import json
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from core.events.synthetic.behavior import INTENTS
from core.events.synthetic.shop import Shop

ANNOTATORS: tuple[tuple[str, int, float], ...] = (("mei", 170, 0.88), ("jonas", 110, 0.8))
"""Name, labeled sessions, and how often the hidden intent is seen through."""

BOTH_LABEL = 50
EVENT_LABELS = 20
LEAST_EVENTS = 3
_FIRST_DAY = datetime(2026, 10, 20, 8, 30)
_DOUBT = 0.5


def annotate(shop: Shop, seed: int) -> list[dict[str, Any]]:
    """Canonical annotation lines: session labels by both analysts, some event labels by the first.

    A session's label is the intent at its last event. An analyst who does not see it guesses from what the events
    say: a draw from the flattened posterior.
    """
    random = np.random.default_rng([seed, 1])
    truth = shop.truth.to_pandas()
    size = truth.groupby("session_id", sort=False)["event_id"].transform("size")
    ends = truth[~truth["session_id"].duplicated(keep="last") & (size >= LEAST_EVENTS)]
    chosen = random.permutation(len(ends))
    lines: list[dict[str, Any]] = []
    first = 0
    for name, sessions, sight in ANNOTATORS:
        own = ends.iloc[chosen[first : first + sessions]]
        lines += _labels(random, own.to_dict("records"), "session", name, sight)
        first += sessions - BOTH_LABEL
    name, _, sight = ANNOTATORS[0]
    inside = truth[size >= LEAST_EVENTS].sample(EVENT_LABELS, random_state=seed)
    return lines + _labels(random, inside.to_dict("records"), "event", name, sight)


def annotation_text(lines: list[dict[str, Any]]) -> str:
    """JSON Lines."""
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _labels(
    random: np.random.Generator, rows: list[dict[str, Any]], kind: str, annotator: str, sight: float
) -> list[dict[str, Any]]:
    at = _FIRST_DAY
    lines = []
    for row in rows:
        lead_time = int(np.exp(random.normal(8.6, 0.5)))  # about five seconds
        at += timedelta(milliseconds=lead_time + 900)
        lines.append(
            {
                "target_kind": kind,
                "event_id": row["event_id"] if kind == "event" else None,
                "session_id": row["session_id"],
                "intent": row["intent"] if random.random() < sight else _guess(random, row),
                "annotator": annotator,
                "created_at": at.isoformat(timespec="milliseconds"),
                "lead_time_ms": lead_time,
            }
        )
    return lines


def _guess(random: np.random.Generator, row: dict[str, Any]) -> str:
    chances = np.array([row[f"p_{intent}"] for intent in INTENTS]) ** _DOUBT
    return INTENTS[int(random.choice(len(INTENTS), p=chances / chances.sum()))]
