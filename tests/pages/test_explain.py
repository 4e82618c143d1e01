"""What the heatmap's cells say, and the plain words about trusting them."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from app.units import human_gap
from app.views.explain_fields import heatmap_rows
from app.views.explain_summary import reliability_key
from core.events.schema import EVENT_SCHEMA
from core.explain.heatmap import Faithfulness, Heatmap
from core.model.fields import FIELDS

START = datetime(2026, 3, 2, 10, 0)  # a Monday
JOINED = ("title", "item_price", "item_category", "item_brand", "image")


def frame(*events: dict[str, Any]) -> pd.DataFrame:
    rows = []
    for number, values in enumerate(events):
        known = {"event_id": f"e{number}", "session_id": "s1", "event_type": "view", "occurred_at": START}
        rows.append(dict.fromkeys((*EVENT_SCHEMA.names, *JOINED)) | known | values)
    return pd.DataFrame(rows).assign(occurred_at=lambda data: pd.to_datetime(data["occurred_at"]))


def cells(*events: dict[str, Any]) -> list[dict[str, str]]:
    rows = heatmap_rows(frame(*events), FIELDS, {"view": "View", "search": "Search"})
    return [dict(zip(FIELDS, row["cells"], strict=True)) for row in rows]


def heatmap(relative_error: float, agreement: float) -> Heatmap:
    return Heatmap(
        event_ids=("a", "b"),
        fields=("text",),
        values=np.zeros((2, 1), dtype=np.float32),
        intent="deal",
        probability=0.5,
        baseline_probability=0.2,
        convergence_delta=0.0,
        relative_error=relative_error,
        n_steps=20,
        model_id="m",
        faithfulness=Faithfulness(0.1, 0.1, agreement),
    )


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (0, "0 s"),
        (8_000, "8 s"),
        (61_000, "1 min 1 s"),
        (7_500_000, "2 h 5 min"),
        (3_600_000, "1 h"),
        (90_000_000, "1 d 1 h"),
    ],
)
def test_gaps_are_said_in_human_units(milliseconds: int, words: str) -> None:
    assert human_gap(milliseconds) == words


def test_cells_say_the_value_of_each_field() -> None:
    first, second = cells(
        {"event_type": "search", "query": "red mug", "device": "mobile", "channel": "organic"},
        {
            "occurred_at": START + timedelta(seconds=90),
            "item_id": "mug",
            "title": "Mug",
            "item_price": 9.5,
            "currency": "EUR",
            "item_brand": "Nordika",
            "image": "mug.png",
            "position": 3,
        },
    )
    assert (first["event_type"], first["text"], first["gap"], first["session_start"]) == (
        "Search",
        "red mug",
        "",
        "yes",
    )
    assert first["device"] == "mobile · organic"
    assert (second["text"], second["price"], second["brand"], second["position"]) == ("Mug", "9.50 EUR", "Nordika", "3")
    assert (second["image"], second["gap"], second["count"]) == ("picture", "1 min 30 s", "2")
    assert second["time_of_day"] == "Mon 10:01"


def test_history_runs_over_sessions_and_counts_restart() -> None:
    mug = {"item_id": "mug"}
    told = cells(mug, mug, {**mug, "session_id": "s2", "occurred_at": START + timedelta(days=1)})
    assert [each["repeat"] for each in told] == ["0", "1", "2"]
    assert [each["count"] for each in told] == ["1", "2", "1"]
    assert [each["session_start"] for each in told] == ["yes", "no", "yes"]
    assert told[2]["gap"] == "1 d"


@pytest.mark.parametrize(
    ("relative_error", "agreement", "key"),
    [
        (0.001, 0.8, "explain.trust_words"),
        (0.001, float("nan"), "explain.trust_short_words"),
        (0.001, 0.1, "explain.careful_words"),
        (0.03, 0.8, "explain.careful_sum_words"),
        (0.001, -0.2, "explain.unreliable_words"),
        (0.2, 0.8, "explain.unreliable_sum_words"),
    ],
)
def test_the_verdict_says_why(relative_error: float, agreement: float, key: str) -> None:
    assert reliability_key(heatmap(relative_error, agreement)) == key
