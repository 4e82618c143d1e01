"""Edits through the real scorer: no edit is no change, batches equal single scores, the found change really flips."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import torch

from core.explain.attribution import explain_event, prediction_of
from core.explain.candidates import possible_changes
from core.explain.counterfactual import find_smallest_change
from core.explain.edits import Insert, Move, Remove, changed
from core.explain.verdict import TRUSTED_ERROR
from core.explain.what_if import WhatIf
from core.model.scorer import SessionScorer
from core.store.habit_queries import Habits
from tests.core.explain.shop_model import set_mean_event
from tests.core.model.conftest import make_checkpoint
from tests.core.model.shop import Shop, make_shop

HABITS = Habits(
    next_types={"": ("view_list", "search"), "view": ("add_to_cart", "search"), "search": ("view", "message")},
    items={"view": ("i3", "i7"), "add_to_cart": ("i3",), "click": ("i5",)},
    queries=("running shoes 42", "refund policy"),
    texts={"message": ("退货",)},
)


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop()


@pytest.fixture(scope="module")
def scorer(shop: Shop) -> SessionScorer:
    return SessionScorer(make_checkpoint(shop, max_events=32))


def past_of(shop: Shop, events: int, sessions: int = 1) -> pd.DataFrame:
    """A visitor's events whose last session has so many."""
    for _, stream in shop.events.groupby("visitor_id"):
        last = stream[stream["session_id"] == stream["session_id"].iloc[-1]]
        if len(last) == events and stream["session_id"].nunique() >= sessions:
            return stream
    raise AssertionError(f"no visitor of the test shop ends with a session of {events} events")


def test_without_edits_nothing_changes(shop: Shop, scorer: SessionScorer) -> None:
    past = past_of(shop, 6, sessions=2)
    what_if = WhatIf(scorer, past, shop.items)
    np.testing.assert_allclose(what_if.probabilities([()])[0], scorer.score(past, shop.items)[-1], rtol=1e-4, atol=1e-5)
    assert what_if.frame()["event_id"].tolist() == past["event_id"].tolist()


def test_many_variants_at_once_equal_each_scored_alone(shop: Shop, scorer: SessionScorer) -> None:
    past = past_of(shop, 7, sessions=3)
    what_if = WhatIf(scorer, past, shop.items)
    ids = [row["event_id"] for row in what_if.rows]
    variants = [
        (),
        (Remove(ids[-1]),),
        (Remove(ids[0]), Move(ids[3], -2)),
        (Insert("new", ids[2], 30, (("event_type", "search"), ("query", "refund policy"))),),
        (changed(ids[4], event_type="message", text="where is my order", gap_s=4000),),
    ]
    together = what_if.probabilities(variants)
    alone = [scorer.score(what_if.frame(edits), shop.items)[-1] for edits in variants]
    np.testing.assert_allclose(together, np.stack(alone), rtol=1e-4, atol=1e-5)
    assert len({tuple(row.round(5)) for row in together}) == len(variants)


def test_an_event_inserted_before_earlier_sessions_is_read_in_order(shop: Shop, scorer: SessionScorer) -> None:
    what_if = WhatIf(scorer, past_of(shop, 6, sessions=2), shop.items)
    long_ago = Insert("new", None, 20 * 86_400, (("event_type", "search"), ("query", "refund policy")))
    frame = what_if.frame([long_ago])
    assert frame["occurred_at"].is_monotonic_increasing
    assert frame["event_id"].iloc[0] == "new"
    assert frame["event_id"].iloc[-1] == what_if.rows[-1]["event_id"]


def test_the_heatmap_of_an_edit_is_that_of_the_explain_page_within_its_promised_error(
    shop: Shop,
) -> None:
    scorer = SessionScorer(make_checkpoint(shop, max_events=32))
    set_mean_event(scorer, shop)
    what_if = WhatIf(scorer, past_of(shop, 6, sessions=2), shop.items)
    edits, intent = (Remove(what_if.rows[1]["event_id"]),), scorer.intents[0]
    quick, frame = what_if.explain(what_if.variant(edits), intent), what_if.frame(edits)
    whole = explain_event(scorer, frame, shop.items, event_id=quick.event_ids[-1], intent=intent, check=False)
    assert quick.relative_error <= TRUSTED_ERROR
    np.testing.assert_allclose(quick.values, whole.values, atol=0.01 * float(abs(whole.values).max()))


def test_a_variant_is_read_as_a_whole_frame_is(shop: Shop) -> None:
    for max_events in (32, 4):  # streams of one window, and of several
        scorer = SessionScorer(make_checkpoint(shop, max_events=max_events))
        set_mean_event(scorer, shop)
        what_if = WhatIf(scorer, past_of(shop, 6, sessions=2), shop.items)
        edits = (Remove(what_if.rows[1]["event_id"]), changed(what_if.rows[3]["event_id"], price=3.5, gap_s=4000))
        variant, frame = what_if.variant(edits), what_if.frame(edits)
        np.testing.assert_allclose(variant.probabilities, scorer.score(frame, shop.items)[-1], rtol=1e-4, atol=1e-5)
        assert [row["event_id"] for row in variant.shown] == frame["event_id"].tolist()[-len(variant.shown) :]
        whole = prediction_of(scorer, frame, shop.items, intent=scorer.intents[1])
        mine = variant.prediction(scorer.intents[1])
        torch.testing.assert_close(mine.field_embeddings, whole.field_embeddings, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(mine.ends, whole.ends, rtol=1e-4, atol=1e-5)


def test_the_readings_of_a_variant_are_those_of_a_frame(shop: Shop) -> None:
    scorer = SessionScorer(make_checkpoint(shop, max_events=4))
    what_if = WhatIf(scorer, past_of(shop, 6, sessions=2), shop.items)
    edits = (changed(what_if.rows[2]["event_id"], event_type="search", query="lamp"),)
    variant = what_if.variant(edits)
    told = pd.DataFrame(scorer.featurizer.readings(what_if.frame(edits), shop.items)).tail(len(variant.shown))
    pd.testing.assert_frame_equal(
        pd.DataFrame(variant.readings), told.reset_index(drop=True)[list(variant.readings[0])], rtol=1e-6
    )
    assert set(told.columns) == set(variant.readings[0])


def test_a_first_look_says_how_far_it_adds_up_and_a_finer_one_adds_up_better(shop: Shop, scorer: SessionScorer) -> None:
    sharp = SessionScorer(make_checkpoint(shop, max_events=32))
    set_mean_event(sharp, shop)
    sharp.temperature = 0.02  # the probability then jumps somewhere along the path
    what_if = WhatIf(sharp, past_of(shop, 7, sessions=3), shop.items)
    variant = what_if.variant()
    intent = max(sharp.intents, key=lambda one: abs(float(np.subtract(*variant.prediction(one).ends))))
    first, fine = what_if.explain(variant, intent), what_if.explain(variant, intent, refined=True)
    assert first.n_steps == 8
    assert first.relative_error > TRUSTED_ERROR
    assert first.convergence_delta == pytest.approx(
        float(first.values.sum()) - (first.probability - first.baseline_probability), abs=1e-6
    )
    assert fine.n_steps > first.n_steps
    assert fine.relative_error < first.relative_error


def test_only_the_last_window_of_a_long_stream_is_read(shop: Shop) -> None:
    short = SessionScorer(make_checkpoint(shop, max_events=8))
    streams = shop.events[shop.events.groupby("visitor_id")["event_id"].transform("count") > 8]
    ends = streams.groupby("visitor_id").tail(1)
    expected = short.score(streams, shop.items)[np.isin(streams["event_id"], ends["event_id"])]
    np.testing.assert_allclose(short.score_ends(streams, shop.items), expected, rtol=1e-4, atol=1e-5)


def test_a_change_of_the_pause_is_what_the_model_reads(shop: Shop, scorer: SessionScorer) -> None:
    what_if = WhatIf(scorer, past_of(shop, 6), shop.items)
    third = what_if.rows[2]["event_id"]
    edited = what_if.edited([changed(third, gap_s=3600)])
    assert [row["session_id"] == what_if.rows[0]["session_id"] for row in edited] == [True] * 2 + [False] * 4


def test_the_heatmap_of_the_edited_session_has_its_events(shop: Shop, scorer: SessionScorer) -> None:
    what_if = WhatIf(scorer, past_of(shop, 6), shop.items)
    edits = (Remove(what_if.rows[1]["event_id"]),)
    heatmap = what_if.explain(what_if.variant(edits), "support")
    assert len(heatmap.event_ids) == 5
    assert heatmap.probability == pytest.approx(float(what_if.probabilities([edits])[0, 2]), abs=1e-4)


def test_the_smallest_change_is_the_brute_force_one(shop: Shop, scorer: SessionScorer) -> None:
    what_if = WhatIf(scorer, past_of(shop, 4), shop.items)
    candidates = possible_changes(what_if.rows, HABITS)
    before = what_if.probabilities([()])[0]
    for target in [one for one in range(3) if one != before.argmax()]:
        found = find_smallest_change(candidates, what_if.probabilities, target=target)
        exact = None
        for size in (1, 2):
            sets = [
                chosen for chosen in combinations(candidates, size) if len({edit.event_id for edit in chosen}) == size
            ]
            wins = what_if.probabilities(sets).argmax(axis=1) == target
            if wins.any():
                exact = size
                break
        if exact is None:
            assert found.edits is None or len(found.edits) > 2
        else:
            assert found.edits is not None
            assert len(found.edits) == exact
            assert found.after is not None
            assert found.after.argmax() == target


def test_candidates_are_what_the_log_holds(shop: Shop) -> None:
    rows = WhatIf(SessionScorer(make_checkpoint(shop)), past_of(shop, 6), shop.items).rows
    candidates = possible_changes(rows, HABITS)
    assert len(set(candidates)) == len(candidates)
    assert [edit.event_id for edit in candidates if isinstance(edit, Remove)] == [row["event_id"] for row in rows[:-1]]
    for edit in candidates:
        if isinstance(edit, Remove):
            continue
        values = dict(edit.values)
        assert values.get("query") in {None, *HABITS.queries}
        if "event_type" in values:
            at = [row["event_id"] for row in rows].index(edit.event_id)
            assert values["event_type"] in HABITS.next_types[rows[at - 1]["event_type"] if at else ""]
