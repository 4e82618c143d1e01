"""Disputes are settled by gold, once, and can be opened again without losing what the adjudicator had said."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import UnknownIntentError
from core.intents.adjudication import (
    Target,
    count_disputes,
    journal_place,
    last_decision,
    list_disputes,
    settle,
    take_back,
    votes_on,
)
from core.intents.agreement import krippendorff_alpha
from core.intents.annotations import current_annotations, submit_annotations
from core.intents.votes import read_decided, read_votes
from core.store.labeled_queries import newest_labels
from core.store.snapshot_queries import write_snapshot
from core.store.warehouse import Warehouse
from core.training.labels import read_labels
from core.training.snapshot import read_snapshot
from tests.core.intents.shop import annotation, fill_shop

S0 = Target("session", "s0", None)


@pytest.fixture
def shop(warehouse: Warehouse) -> Warehouse:
    """s0 is disputed by three, e2 of s1 by two; s2 is agreed on, s3 marked unsure by one."""
    fill_shop(warehouse)
    said = [
        annotation("browse", "s0", "mei"),
        annotation("compare", "s0", "jonas", note="two cameras"),
        annotation("compare", "s0", "lin"),
        annotation("search", "s1", "mei", event_id="e2"),
        annotation("deal", "s1", "jonas", event_id="e2"),
        annotation("deal", "s2", "mei"),
        annotation("deal", "s2", "jonas"),
        annotation("other", "s3", "mei", status="unsure"),
        annotation(None, "s3", "jonas", status="skipped"),
    ]
    submit_annotations(warehouse, said)
    return warehouse


def _decide(warehouse: Warehouse, intent: str, target: Target = S0, by: str = "lead") -> str:
    client_id = settle(warehouse, target, intent, adjudicator=by, seen=journal_place(warehouse, target))
    assert client_id is not None
    return client_id


def test_only_what_annotators_differ_on_or_doubt_is_listed_most_votes_first(shop: Warehouse) -> None:
    found = list_disputes(shop)
    assert found["target"].tolist() == ["s0", "e2", "s3"]
    assert found["visitor_id"].tolist() == ["v0", "v1", "v3"]
    assert set(found["said"].iloc[0]) == {"browse", "compare"}
    assert list_disputes(shop, limit=1, offset=1)["target"].tolist() == ["e2"]
    assert list_disputes(shop, target_kind="event")["target"].tolist() == ["e2"]
    assert list_disputes(shop, intent="compare")["target"].tolist() == ["s0"]
    assert (count_disputes(shop), count_disputes(shop, intent="other")) == (3, 1)


def test_each_vote_is_shown_with_its_note(shop: Warehouse) -> None:
    votes = votes_on(shop, S0)
    assert votes["annotator"].tolist() == ["mei", "jonas", "lin"]
    assert votes["note"].iloc[1] == "two cameras"


def test_a_decision_leaves_the_list_and_a_second_press_decides_nothing_anew(shop: Warehouse) -> None:
    seen = journal_place(shop, S0)
    first = settle(shop, S0, "browse", adjudicator="lead", seen=seen, note="no comparing", lead_time_ms=2500)
    assert settle(shop, S0, "compare", adjudicator="lead", seen=seen) == first
    assert list_disputes(shop)["target"].tolist() == ["e2", "s3"]
    gold = current_annotations(shop, "s0", "lead").iloc[0]
    assert (gold["intent"], gold["status"], gold["note"]) == ("browse", "gold", "no comparing")
    decision = last_decision(shop, "lead")
    assert decision is not None
    assert decision[:3] == (first, S0, "browse")


def test_who_looks_at_an_old_view_decides_nothing(shop: Warehouse) -> None:
    seen = journal_place(shop, S0)
    _decide(shop, "browse", by="lead")
    assert settle(shop, S0, "deal", adjudicator="other", seen=seen) is None
    assert current_annotations(shop, "s0", "other").empty
    assert last_decision(shop, "other") is None


def test_of_many_who_decide_at_once_one_decides(shop: Warehouse) -> None:
    seen, people = journal_place(shop, S0), [f"lead-{number}" for number in range(8)]
    with ThreadPoolExecutor(len(people)) as pool:
        decided = list(pool.map(lambda by: settle(shop, S0, "browse", adjudicator=by, seen=seen), people))
    assert sum(client_id is not None for client_id in decided) == 1
    assert (current_annotations(shop, "s0")["status"] == "gold").sum() == 1


def test_an_unknown_intent_decides_nothing(shop: Warehouse) -> None:
    with pytest.raises(UnknownIntentError, match="'dance'"):
        _decide(shop, "dance")
    assert count_disputes(shop) == 3


@pytest.mark.parametrize("by", ["lead", "mei"])
def test_taking_a_decision_back_opens_the_dispute_with_every_vote_as_it_was(shop: Warehouse, by: str) -> None:
    before = set(votes_on(shop, S0)[["annotator", "intent"]].itertuples(index=False, name=None))
    client_id = _decide(shop, "purchase", by=by)
    assert take_back(shop, client_id, adjudicator=by)
    assert not take_back(shop, client_id, adjudicator=by)
    assert "s0" in list_disputes(shop)["target"].tolist()
    assert set(votes_on(shop, S0)[["annotator", "intent"]].itertuples(index=False, name=None)) == before
    current = current_annotations(shop, "s0")
    assert dict(zip(current["annotator"], current["intent"], strict=True)) == dict(before)
    assert last_decision(shop, by) is None
    assert _decide(shop, "deal", by=by) != client_id  # and it can be decided again
    assert "s0" not in list_disputes(shop)["target"].tolist()


def test_gold_by_an_annotator_leaves_that_annotators_vote_in_the_agreement(shop: Warehouse) -> None:
    before = krippendorff_alpha(read_votes(shop, "session")).value
    _decide(shop, "compare", by="mei")
    votes = read_votes(shop, "session")
    assert krippendorff_alpha(votes).value == before
    of_mei = votes[(votes["target"] == "s0") & (votes["annotator"] == "mei")].iloc[0]
    assert (of_mei["intent"], of_mei["gold"], of_mei["gold_by"]) == ("browse", "compare", "mei")


def test_training_and_the_gate_learn_gold_alone(shop: Warehouse, tmp_path: Path) -> None:
    _decide(shop, "browse")
    newer = annotation("compare", "s0", "zoe", minutes=1e6)
    submit_annotations(shop, [newer, annotation("support", "s4", "zoe")])
    snapshot = read_snapshot(write_snapshot(shop, tmp_path / "snapshot").folder)
    labels = read_labels(snapshot.annotations, snapshot.events, snapshot.taxonomy, earlier_event_weight=0.0)
    row = snapshot.events.index[snapshot.events["event_id"] == "e1"][0]
    target = labels.targets[labels.rows.tolist().index(row)]
    assert dict(zip(labels.intents, target, strict=True))["browse"] == 1.0
    assert newest_labels(shop, 50).set_index("event_id")["answer"]["e1"] == "browse"
    decided = read_decided(shop)
    assert decided.loc[decided["session_id"] == "s0", "intent"].tolist() == ["browse"]
    assert sorted(decided.loc[decided["session_id"] == "s2", "intent"]) == ["deal", "deal"]
