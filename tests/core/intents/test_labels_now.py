"""The label of a session or event as it is now: gold first, then the majority; an event's own before its session's."""

from datetime import datetime

import pytest

from core.intents.adjudication import Target, journal_place, settle, take_back
from core.intents.annotations import Annotation, submit_annotations, undo_annotation
from core.intents.default_taxonomy import DEFAULT_TAXONOMY
from core.intents.labels_now import labels_now
from core.intents.taxonomy import store_taxonomy
from core.store.warehouse import Warehouse

PLACE = ("s1", "e9")


def _said(annotator: str, intent: str | None, *, event_id: str | None = None, status: str = "submitted") -> Annotation:
    name = f"{annotator}-{event_id}-{intent}-{status}"
    kind = "session" if event_id is None else "event"
    at = datetime(2026, 5, 1)
    return Annotation(name, name, kind, "s1", event_id, intent, annotator, at, status=status)  # type: ignore[arg-type]


@pytest.fixture
def labelled(warehouse: Warehouse) -> Warehouse:
    store_taxonomy(warehouse, DEFAULT_TAXONOMY)
    submit_annotations(warehouse, [_said("mei", "browse"), _said("jonas", "deal"), _said("ana", "browse")])
    return warehouse


def test_the_majority_decides_and_is_named(labelled: Warehouse) -> None:
    label = labels_now(labelled, [PLACE])[PLACE]
    assert (label.intent, label.annotators, label.is_gold) == ("browse", ("mei", "ana"), False)
    assert label.target == Target("session", "s1", None)


def test_gold_counts_above_all_until_it_is_taken_back(labelled: Warehouse) -> None:
    target = Target("session", "s1", None)
    gold = settle(labelled, target, "support", adjudicator="lead", seen=journal_place(labelled, target))
    assert gold is not None
    label = labels_now(labelled, [PLACE])[PLACE]
    assert (label.intent, label.annotators, label.is_gold) == ("support", ("lead",), True)
    assert take_back(labelled, gold, adjudicator="lead")
    assert labels_now(labelled, [PLACE])[PLACE].intent == "browse"


def test_an_events_own_label_comes_before_its_sessions(labelled: Warehouse) -> None:
    submit_annotations(labelled, [_said("mei", "deal", event_id="e9")])
    found = labels_now(labelled, [PLACE, ("s1", "e1"), ("s2", "e2")])
    assert (found[PLACE].intent, found[PLACE].target) == ("deal", Target("event", "s1", "e9"))
    assert found[("s1", "e1")].intent == "browse"
    assert (found[("s2", "e2")].intent, found[("s2", "e2")].annotators) == (None, ())


def test_what_is_unsure_abstained_or_undone_is_no_label(warehouse: Warehouse) -> None:
    store_taxonomy(warehouse, DEFAULT_TAXONOMY)
    taken_back = _said("mei", "browse")
    submit_annotations(warehouse, [taken_back, _said("ana", "deal", status="unsure"), _said("jonas", None)])
    assert undo_annotation(warehouse, taken_back.client_id, annotator="mei")
    assert labels_now(warehouse, [PLACE])[PLACE].intent is None
