"""How annotators work: figures from the journal, and flags that need enough labels to be raised."""

from datetime import timedelta

import pytest

from core.intents.annotations import Annotation, submit_annotations, undo_annotation
from core.intents.annotators import (
    LEAST_PLANTED,
    agreement_of_each,
    agreement_over_time,
    annotator_work,
    find_flags,
)
from core.intents.votes import read_votes
from core.store.warehouse import Warehouse
from tests.core.intents.shop import annotation, fill_shop

INTENTS = ("browse", "search", "compare", "purchase")


def _shift(by: str, said: list[str | None], lead_time_ms: int = 5000, **more: object) -> list[Annotation]:
    """One label a minute for s0, s1, …; None skips."""
    return [
        annotation(
            intent, f"s{n}", by, minutes=n, lead_time_ms=lead_time_ms, status="submitted" if intent else "skipped"
        )
        for n, intent in enumerate(said)
    ]


def _kinds(warehouse: Warehouse, annotator: str) -> list[str]:
    flags = find_flags(annotator_work(warehouse), read_votes(warehouse))
    return [flag.kind for flag in flags if flag.annotator == annotator]


def _usual(count: int) -> list[str]:
    return [INTENTS[n % len(INTENTS)] for n in range(count)]


@pytest.fixture
def shop(warehouse: Warehouse) -> Warehouse:
    return fill_shop(warehouse, sessions=80)


def test_nobody_yet_is_an_empty_table_and_no_flag(shop: Warehouse) -> None:
    work = annotator_work(shop)
    assert work.empty
    assert {"labels", "median_ms", "a_day", "skip_share", "planted_accepted"} <= set(work.columns)
    assert find_flags(work, read_votes(shop)) == []


def test_figures_count_what_stands_and_time_what_was_done(shop: Warehouse) -> None:
    submit_annotations(shop, _shift("mei", ["browse", "search", None, "deal"], lead_time_ms=400))
    submit_annotations(shop, [annotation("deal", "s0", "mei", minutes=60 * 24, lead_time_ms=3000, client_id="again")])
    submit_annotations(shop, [annotation("deal", "s5", "mei", client_id="gone", lead_time_ms=1000)])
    undo_annotation(shop, "gone", annotator="mei")
    row = annotator_work(shop).iloc[0]
    assert (row["labels"], row["skips"], row["timed"], row["days"]) == (3, 1, 5, 2)
    assert (row["median_ms"], row["hasty"], row["fast"]) == (400, 0.6, 0.8)
    assert (row["a_day"], row["skip_share"], row["most_said"]) == (1.5, 0.25, "deal")


@pytest.mark.parametrize(
    ("said", "lead_time_ms", "expected"),
    [
        (_usual(30), 5000, []),
        (_usual(30), 1500, ["too_fast"]),
        (_usual(10), 300, []),  # too few to say anything
        (["browse"] * 30, 5000, ["one_intent"]),
        ([None] * 20 + _usual(10), 5000, ["skips"]),
    ],
)
def test_flags_of_one_annotator(
    shop: Warehouse, said: list[str | None], lead_time_ms: int, expected: list[str]
) -> None:
    submit_annotations(shop, _shift("mei", said, lead_time_ms))
    assert _kinds(shop, "mei") == expected


def test_a_hasty_tenth_is_told_though_the_median_is_slow(shop: Warehouse) -> None:
    submit_annotations(shop, _shift("mei", _usual(30))[5:] + _shift("mei", _usual(5), lead_time_ms=200))
    flags = find_flags(annotator_work(shop), read_votes(shop))
    assert [(flag.kind, flag.base) for flag in flags] == [("hasty_share", 30)]
    assert flags[0].value == pytest.approx(5 / 30)


def test_who_drifts_from_the_others_is_told_with_before_and_after(shop: Warehouse) -> None:
    submit_annotations(shop, _shift("mei", _usual(60)))
    astray = [intent if n < 30 or n % 2 else "support" for n, intent in enumerate(_usual(60))]
    submit_annotations(shop, _shift("jonas", astray))
    flag = next(flag for flag in find_flags(annotator_work(shop), read_votes(shop)) if flag.kind == "drifting")
    assert (flag.before, flag.value, flag.base) == (1.0, 0.5, 30)
    blocks = agreement_over_time(read_votes(shop))
    of_jonas = blocks[blocks["annotator"] == "jonas"]
    assert of_jonas["n"].tolist() == [10] * 6
    assert of_jonas["agreed"].tolist()[:3] == [1.0, 1.0, 1.0]
    assert of_jonas["agreed"].tolist()[3:] == [0.5, 0.5, 0.5]
    assert of_jonas["at"].is_monotonic_increasing


def test_steady_annotators_do_not_drift_and_far_ones_are_apart(shop: Warehouse) -> None:
    submit_annotations(shop, _shift("mei", _usual(60)))
    submit_annotations(shop, _shift("lin", [intent if n % 3 == 0 else "deal" for n, intent in enumerate(_usual(60))]))
    assert _kinds(shop, "lin") == ["apart"]


def test_agreement_with_gold_leaves_ones_own_gold_out(shop: Warehouse) -> None:
    submit_annotations(shop, _shift("mei", ["browse", "search"]) + _shift("jonas", ["browse", "deal"]))
    gold = [annotation("browse", "s0", "mei", status="gold"), annotation("search", "s1", "lead", status="gold")]
    submit_annotations(shop, gold)
    found = agreement_of_each(read_votes(shop)).set_index("annotator")
    assert found.loc["mei", ["met", "agreed", "golds", "right"]].tolist() == [2, 0.5, 1, 1.0]
    assert found.loc["jonas", ["met", "agreed", "golds", "right"]].tolist() == [2, 0.5, 2, 0.5]


def test_agreement_with_gold_over_time_needs_ten_labels_settled_by_others(shop: Warehouse) -> None:
    submit_annotations(shop, _shift("mei", _usual(20)) + _shift("jonas", _usual(9)))
    submit_annotations(
        shop,
        [annotation(intent, f"s{n}", "lead", status="gold") for n, intent in enumerate(_usual(10) + ["deal"] * 10)],
    )
    blocks = agreement_over_time(read_votes(shop), "gold")
    assert blocks["annotator"].tolist() == ["mei", "mei"]
    assert blocks["agreed"].tolist() == [1.0, 0.0]


def test_suggestions_count_where_they_were_shown_and_planted_ones_apart(shop: Warehouse) -> None:
    def suggested(number: int, by: str, **told: object) -> Annotation:
        suggestion = {"value": "deal", "score": 0.8, "agent": "m", "accepted": True, "latency_ms": 700} | told
        return annotation("deal", f"s{number}", by, suggestion=suggestion, lead_time_ms=4000)

    planted = [suggested(n, "mei", planted=True) for n in range(LEAST_PLANTED)]
    careful = [suggested(n, "jonas", planted=True, accepted=False) for n in range(LEAST_PLANTED)]
    blind = [suggested(9, "mei", blind=True), suggested(10, "mei"), suggested(11, "mei", accepted=False)]
    submit_annotations(shop, planted + careful + blind)
    work = annotator_work(shop).set_index("annotator")
    columns = ["shown", "accepted", "planted", "planted_accepted"]
    assert work.loc["mei", columns].tolist() == [2, 1, LEAST_PLANTED, LEAST_PLANTED]
    assert work.loc["jonas", columns].tolist() == [0, 0, LEAST_PLANTED, 0]
    assert (_kinds(shop, "mei"), _kinds(shop, "jonas")) == (["rubber_stamp"], [])


def test_times_are_those_of_the_journal(shop: Warehouse) -> None:
    submit_annotations(shop, _shift("mei", _usual(3)))
    row = annotator_work(shop).iloc[0]
    assert row["last_at"] - row["first_at"] == timedelta(minutes=2)
