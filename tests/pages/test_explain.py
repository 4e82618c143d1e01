"""What the heatmap's cells say, and the plain words about trusting them."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from app.i18n import LANGUAGES, catalogue
from app.units import human_gap
from app.views.explain_fields import heatmap_rows
from app.views.explain_summary import reliability_key, shown_numbers
from core.events.schema import EVENT_SCHEMA
from core.explain.heatmap import WHOLE_EVENT, Faithfulness, Heatmap
from core.explain.methods.registry import METHODS
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


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"infidelity": 0.7}, "explain.verdict.careful_predictions"),
        ({"infidelity": 1.5}, "explain.verdict.unreliable_predictions"),
        ({"chance": 0.5}, "explain.verdict.careful_chance"),
        ({"sensitivity": 0.9}, "explain.verdict.careful_unsteady"),
    ],
)
def test_each_measure_that_decides_has_its_words_in_both_languages(changes: dict[str, float], key: str) -> None:
    shown = heatmap(0.001, 0.8)
    shown = replace(shown, faithfulness=replace(shown.faithfulness, **changes))  # type: ignore[type-var]
    assert reliability_key(shown) == key
    assert all(key in catalogue(language) for language in LANGUAGES)


@pytest.mark.parametrize(
    ("agreement", "word"), [(0.8, "trust_all"), (0.1, "careful_order"), (-0.2, "unreliable_order")]
)
def test_a_method_without_sums_is_not_said_to_add_up(agreement: float, word: str) -> None:
    key = reliability_key(replace(heatmap(0.9, agreement), is_complete=False))
    assert key == f"explain.verdict.{word}"
    assert all(key in catalogue(language) for language in LANGUAGES)
    assert "add" not in catalogue("en")[key].replace("added", "")


def test_every_method_has_its_name_and_use_and_only_the_curiosity_its_own_verdict() -> None:
    for name in METHODS:
        for language in LANGUAGES:
            assert {f"explain.method.{name}", f"explain.method.{name}_when"} <= set(catalogue(language))
    curious = replace(heatmap(0.9, 0.8), kind="curiosity", is_complete=False)
    assert reliability_key(curious) == "explain.verdict.curiosity_curiosity"


def test_numbers_that_mean_nothing_for_a_method_are_not_shown() -> None:
    full = heatmap(0.001, 0.8)
    assert shown_numbers(full)["convergence_delta"] == "0.000 points"
    assert shown_numbers(full)["comprehensiveness"] == "+10.0 points"
    assert {"convergence_delta", "relative_error", "steps", "infidelity"} <= set(shown_numbers(full))
    curious = shown_numbers(replace(full, kind="curiosity", is_complete=False, method="attention_rollout"))
    assert not {"convergence_delta", "relative_error", "steps", "infidelity"} & set(curious)
    drawn = shown_numbers(replace(full, method="shapley_sampling", sampling_error=0.12))
    assert drawn["sampling_error"] == "12%"
    assert shown_numbers(replace(full, method="occlusion_of_events"))["agreement"] == "by construction"
    assert all(f"explain.{name}_help" in catalogue("zh") for name in {*shown_numbers(full), *drawn, *curious})


def test_a_whole_events_cell_says_what_the_event_was_about() -> None:
    rows = heatmap_rows(frame({"title": "Mug"}, {}), (WHOLE_EVENT,), {"view": "View"})
    assert [row["cells"] for row in rows] == [["Mug"], ["View"]]
