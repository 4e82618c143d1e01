"""The journal read back: filtered, paged, and restored without a row being lost."""

from datetime import timedelta

import pytest

from core.errors import InvalidAnnotationError, NotFoundError
from core.intents.annotations import current_annotations, submit_annotations, undo_annotation
from core.intents.history import HistoryFilter, count_history, list_annotators, list_history, restore_annotation
from core.store.audit_queries import list_audit
from core.store.warehouse import Warehouse
from tests.core.intents.shop import AT, annotation, fill_shop

SUGGESTION = {"value": "deal", "score": 0.7, "agent": "model-1", "accepted": False}


@pytest.fixture
def shop(warehouse: Warehouse) -> Warehouse:
    """mei labels s0, changes her mind and takes it back; jonas labels s1 against a suggestion."""
    fill_shop(warehouse)
    submit_annotations(
        warehouse,
        [
            annotation("browse", "s0", "mei", client_id="one", lead_time_ms=900),
            annotation("compare", "s0", "mei", client_id="two", minutes=1, note="looked again"),
            annotation("deal", "s1", "jonas", client_id="three", minutes=60 * 24, suggestion=SUGGESTION),
        ],
    )
    undo_annotation(warehouse, "two", annotator="mei")
    return warehouse


def _intent_of_mei(warehouse: Warehouse) -> list[str]:
    return current_annotations(warehouse, "s0", "mei")["intent"].tolist()


def test_the_newest_comes_first_with_what_it_took_the_place_of(shop: Warehouse) -> None:
    rows = list_history(shop, HistoryFilter())
    assert rows["annotation_id"].tolist() == ["a-two:undo", "a-three", "a-two", "a-one"]
    assert rows["before_intent"].fillna("").tolist() == ["compare", "", "browse", ""]
    assert rows["is_current"].tolist() == [True, True, False, False]
    assert rows["visitor_id"].tolist() == ["v0", "v1", "v0", "v0"]
    suggested = rows[["suggested", "suggestion_score", "suggestion_agent", "suggestion_accepted"]].iloc[1].tolist()
    assert suggested == ["deal", 0.7, "model-1", False]
    assert rows["suggestion_shown"].iloc[1] == False  # noqa: E712 - of pandas' own kind


def test_whether_a_suggestion_was_seen_or_wrong_on_purpose_is_told(shop: Warehouse) -> None:
    seen = SUGGESTION | {"shown_at": "2026-05-04T12:00:00Z", "planted": True, "blind": False, "latency_ms": 850}
    submit_annotations(shop, [annotation("search", "s2", "jonas", minutes=60 * 25, suggestion=seen)])
    rows = list_history(shop, HistoryFilter(annotator="jonas"))
    told = rows[["suggestion_shown", "suggestion_planted", "suggestion_latency_ms"]].astype(object)
    assert told.iloc[0].tolist() == [True, True, 850]
    assert told.iloc[1].fillna("none").tolist() == [False, "none", "none"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (HistoryFilter(annotator="jonas"), ["a-three"]),
        (HistoryFilter(intent="browse"), ["a-one"]),
        (HistoryFilter(status="undone"), ["a-two:undo"]),
        (HistoryFilter(session_contains="S1"), ["a-three"]),
        (HistoryFilter(start=AT + timedelta(minutes=1), end=AT + timedelta(days=1), annotator="mei"), ["a-two"]),
        (HistoryFilter(current=False), ["a-two", "a-one"]),
        (HistoryFilter(intent="support"), []),
    ],
)
def test_it_is_filtered_and_counted(shop: Warehouse, wanted: HistoryFilter, expected: list[str]) -> None:
    assert list_history(shop, wanted)["annotation_id"].tolist() == expected
    assert count_history(shop, wanted) == len(expected)


def test_pages_follow_one_another_and_none_is_left_out(shop: Warehouse) -> None:
    whole = list_history(shop, HistoryFilter(), limit=None)["annotation_id"].tolist()
    pages = [list_history(shop, HistoryFilter(), 3, offset)["annotation_id"].tolist() for offset in (0, 3)]
    assert pages[0] + pages[1] == whole
    assert list_annotators(shop) == ["jonas", "mei"]


def test_an_earlier_annotation_stands_again_as_a_new_row(shop: Warehouse) -> None:
    assert _intent_of_mei(shop) == []
    assert restore_annotation(shop, "a-one", by="lead")
    assert _intent_of_mei(shop) == ["browse"]
    assert not restore_annotation(shop, list_history(shop, HistoryFilter())["annotation_id"].iloc[0], by="lead")
    rows = list_history(shop, HistoryFilter())
    assert len(rows) == 5
    assert rows["supersedes"].iloc[0] == "a-two:undo"
    assert rows["lead_time_ms"].isna().iloc[0]
    assert restore_annotation(shop, "a-two", by="lead")
    assert restore_annotation(shop, "a-one", by="lead")  # to and fro
    assert _intent_of_mei(shop) == ["browse"]
    audit = list_audit(shop, "a-two")
    assert (audit[0].actor, audit[0].action, audit[0].details["annotator"]) == ("lead", "restore_annotation", "mei")


def test_what_cannot_be_restored_says_why(shop: Warehouse) -> None:
    with pytest.raises(NotFoundError, match="'gone'"):
        restore_annotation(shop, "gone", by="lead")
    with pytest.raises(InvalidAnnotationError, match="took an annotation back"):
        restore_annotation(shop, "a-two:undo", by="lead")
    assert len(list_history(shop, HistoryFilter())) == 4
