"""What transitions and words add: a planted one is found, sessions' borders hold, few visitors show nothing."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.explain.heatmap import Heatmap
from core.explain.study.occurrences import joined, occurrences, words_in
from core.explain.study.report import LEAST_VISITORS, ExplanationReport

ITEMS = pd.DataFrame({"item_id": ["i1"], "title": ["Blue Lamp"]})


def _stream(types: list[str], sessions: list[str], queries: list[str | None], items: list[str | None]) -> pd.DataFrame:
    columns = {"event_type": types, "session_id": sessions, "query": queries, "item_id": items}
    return pd.DataFrame(columns).assign(text=None)


def _heatmap(values: list[list[float]]) -> Heatmap:
    ids = tuple(f"e{place}" for place in range(len(values)))
    found = np.array(values, dtype=np.float32)
    return Heatmap(ids, ("event_type", "text"), found, "deal", 0.9, 0.1, 0.0, 0.0, 8, "m", None)


def _found(heatmap: Heatmap, stream: pd.DataFrame) -> dict[tuple[str, str], float]:
    return {(row["kind"], row["name"]): round(row["value"], 4) for row in occurrences(heatmap, stream, ITEMS)}


def test_pairs_stay_within_a_session_and_words_come_of_query_and_title() -> None:
    stream = _stream(["view", "search", "view"], ["s1", "s2", "s2"], [None, "Cheap lamp", None], ["i1", None, "i1"])
    assert _found(_heatmap([[0.1, 0.2], [0.0, 0.5], [0.3, -0.1]]), stream) == {
        ("transition", "search → view"): 0.2,
        ("word", "blue"): 0.05,
        ("word", "lamp"): 0.2,
        ("word", "cheap"): 0.5,
    }


def test_only_what_the_model_saw_counts_and_chinese_goes_by_pairs_of_characters() -> None:
    stream = _stream(["view", "search"], ["s", "s"], ["gone", "便宜灯"], [None, None])
    assert _found(_heatmap([[0.0, 0.4]]), stream) == {("word", "便宜"): 0.4, ("word", "宜灯"): 0.4}
    assert words_in("灯 LED台灯 42 x") == {"灯", "led", "台灯"}


@pytest.mark.parametrize(
    ("names", "one"),
    [
        (["休闲", "闲椅"], "休闲椅"),
        (["闲椅", "休闲", "oak"], "oak · 休闲椅"),
        (["kestrel", "oak"], "kestrel · oak"),
        (["本周"], "本周"),
        (["便", "宜"], "便 · 宜"),
        (["看看", "看书"], "看看书"),
        (["灯灯"], "灯灯"),
    ],
)
def test_what_always_occurs_together_has_one_name(names: list[str], one: str) -> None:
    assert joined(names) == one


@given(st.text(alphabet="休闲椅灯本周", min_size=2, max_size=12))
def test_no_character_of_a_run_is_lost(run: str) -> None:
    pairs = words_in(run)
    told = joined(sorted(pairs))
    assert {part[at : at + 2] for part in told.split(" · ") for at in range(len(part) - 1)} >= pairs


def test_words_that_nothing_tells_apart_have_one_row() -> None:
    rows = [
        {"visitor_id": f"v{n}", "intent": "deal", "kind": "word", "name": name, "value": n / 100}
        for n in range(LEAST_VISITORS)
        for name in ("休闲", "闲椅", "lamp")
    ]
    rows.append({"visitor_id": "v99", "intent": "deal", "kind": "word", "name": "lamp", "value": 0.5})
    report = ExplanationReport("m", "i", True, pd.DataFrame(), pd.DataFrame(), pd.DataFrame(rows))
    found = report.speaking("word", "deal")
    assert found[["name", "n"]].to_numpy().tolist() == [["lamp", 11], ["休闲椅", 10]]


def test_heatmaps_of_attention_or_whole_events_say_nothing_of_words() -> None:
    stream = _stream(["search", "view"], ["s", "s"], ["cheap", None], [None, None])
    heatmap = _heatmap([[0.0, 0.5], [0.1, 0.0]])
    assert not _found(replace(heatmap, kind="curiosity"), stream)
    whole = replace(heatmap, fields=("event",), values=heatmap.values.sum(axis=1, keepdims=True))
    assert set(_found(whole, stream)) == {("transition", "search → view")}


def _report(visitors: int, seed: int = 0) -> ExplanationReport:
    random = np.random.default_rng(seed)
    rows = []
    for visitor in range(visitors):
        word = "cheap" if visitor % 2 else "lamp"
        value = (0.3 if word == "cheap" else 0.0) + random.normal(0, 0.1)
        rows.append({"visitor_id": f"v{visitor}", "intent": "deal", "kind": "word", "name": word, "value": value})
    return ExplanationReport("m", "integrated_gradients", True, pd.DataFrame(), pd.DataFrame(), pd.DataFrame(rows))


def test_the_word_that_decides_leads_and_its_interval_parts_from_zero() -> None:
    first, second = _report(120).speaking("word", "deal").to_dict("records")
    assert (first["name"], first["n"], second["name"]) == ("cheap", 60, "lamp")
    assert first["low"] > 0.2 > second["high"]


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    found = [_report(80, seed).speaking("word", "deal").set_index("name").loc["cheap"] for seed in range(100)]
    assert sum(row["low"] <= 0.3 <= row["high"] for row in found) >= 86


def test_below_the_least_visitors_nothing_is_shown() -> None:
    assert _report(2 * LEAST_VISITORS - 2).speaking("word", "deal").empty
    assert len(_report(2 * LEAST_VISITORS).speaking("word", "deal")) == 2
    assert _report(60).speaking("transition", "deal").empty
    assert _report(60).speaking("word", "other").empty
