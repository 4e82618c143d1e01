"""Handing out: nobody twice, nothing lost, refreshes change nothing, and shares are told afterwards."""

import pytest

from core.active.handing_out import asking_now, hand_out
from core.active.leases import LEASE, claim_chosen, let_go, renew, slot
from core.active.options import QueueOptions
from core.active.progress import people, remaining
from core.errors import InvalidQueueError
from core.intents.annotations import undo_annotation
from core.intents.annotators import agreement_of_each
from core.intents.bulk import Batch, Selection, apply_batch
from core.intents.votes import read_votes
from core.store.frames import read_rows
from core.store.warehouse import Warehouse
from tests.core.active.shop import TurnedClock, fill, label, store_states

RANDOM = QueueOptions()
LEASE_MINUTES = LEASE.total_seconds() / 60


def _drawn(warehouse: Warehouse) -> dict[str, str]:
    return dict(read_rows(warehouse, "SELECT session_id, drawn FROM leases"))


def test_two_annotators_share_the_pool(warehouse: Warehouse) -> None:
    sessions = fill(warehouse, 10)
    mine = hand_out(warehouse, RANDOM, annotator="mei", wanted=6)
    others = hand_out(warehouse, RANDOM, annotator="jonas", wanted=6)
    assert len(mine) == 6
    assert sorted(mine + others) == sorted(sessions)


def test_a_refresh_brings_the_same_sessions_in_the_same_order(warehouse: Warehouse) -> None:
    fill(warehouse, 10)
    mine = hand_out(warehouse, RANDOM, annotator="mei", wanted=5)
    label(warehouse, mine[1], "mei")
    again = hand_out(warehouse, RANDOM, annotator="mei", wanted=5)
    assert again[:4] == [mine[0], *mine[2:]]
    assert again[4] not in mine
    assert hand_out(warehouse, RANDOM, annotator="mei", wanted=5, loaded=again) == hand_out(
        warehouse, RANDOM, annotator="mei", wanted=5, loaded=again
    )


def test_the_order_is_seeded(warehouse: Warehouse) -> None:
    fill(warehouse, 20)
    orders = [hand_out(warehouse, QueueOptions(seed=seed), annotator=f"a{seed}", wanted=20) for seed in (0,)]
    let_go(warehouse, RANDOM, asking_now(warehouse, RANDOM, "a0"), grace=LEASE * 0)
    assert hand_out(warehouse, RANDOM, annotator="again", wanted=20) == orders[0]
    let_go(warehouse, RANDOM, asking_now(warehouse, RANDOM, "again"), grace=LEASE * 0)
    assert hand_out(warehouse, QueueOptions(seed=1), annotator="other", wanted=20) != orders[0]


def test_a_lease_runs_out_unless_it_is_renewed(warehouse: Warehouse, clock: TurnedClock) -> None:
    fill(warehouse, 2)
    mine = hand_out(warehouse, RANDOM, annotator="mei", wanted=2)
    clock.turn(LEASE_MINUTES - 1)
    renew(warehouse, RANDOM, asking_now(warehouse, RANDOM, "mei"))
    clock.turn(LEASE_MINUTES - 1)
    assert hand_out(warehouse, RANDOM, annotator="jonas", wanted=2) == []
    clock.turn(2)
    assert hand_out(warehouse, RANDOM, annotator="jonas", wanted=1) == mine[:1]
    renew(warehouse, RANDOM, asking_now(warehouse, RANDOM, "mei"), loaded=mine)  # back from sleep, cards on the screen
    assert hand_out(warehouse, RANDOM, annotator="jonas", wanted=2, loaded=mine[:1]) == []
    assert hand_out(warehouse, RANDOM, annotator="mei", wanted=2) == mine[1:]


def test_a_closed_page_gives_its_sessions_back_after_a_moment(warehouse: Warehouse, clock: TurnedClock) -> None:
    fill(warehouse, 3)
    mine = hand_out(warehouse, RANDOM, annotator="mei", wanted=3)
    let_go(warehouse, RANDOM, asking_now(warehouse, RANDOM, "mei"))
    assert hand_out(warehouse, RANDOM, annotator="jonas", wanted=3) == []
    assert hand_out(warehouse, RANDOM, annotator="mei", wanted=3) == mine
    clock.turn(3)
    assert hand_out(warehouse, RANDOM, annotator="jonas", wanted=3) == mine


def test_a_skip_frees_the_session_for_others_only_and_an_undo_takes_it_back(warehouse: Warehouse) -> None:
    fill(warehouse, 1)
    hand_out(warehouse, RANDOM, annotator="mei", wanted=1)
    skipped = label(warehouse, "s0", "mei", None)
    assert hand_out(warehouse, RANDOM, annotator="mei", wanted=1) == []
    undo_annotation(warehouse, skipped, annotator="mei")
    assert hand_out(warehouse, RANDOM, annotator="jonas", wanted=1) == []
    label(warehouse, "s0", "mei", None)
    assert hand_out(warehouse, RANDOM, annotator="jonas", wanted=1) == ["s0"]


def test_a_label_taken_back_is_still_held(warehouse: Warehouse) -> None:
    fill(warehouse, 1)
    hand_out(warehouse, RANDOM, annotator="mei", wanted=1)
    given = label(warehouse, "s0", "mei")
    undo_annotation(warehouse, given, annotator="mei")
    assert hand_out(warehouse, RANDOM, annotator="jonas", wanted=1) == []
    assert hand_out(warehouse, RANDOM, annotator="mei", wanted=1) == ["s0"]


def test_overlap_hands_each_session_to_as_many_as_wanted(warehouse: Warehouse) -> None:
    sessions = fill(warehouse, 4)
    twice = QueueOptions(overlap=2)
    got = {name: hand_out(warehouse, twice, annotator=name, wanted=4) for name in ("mei", "jonas", "li")}
    assert sorted(got["mei"]) == sorted(got["jonas"]) == sessions
    assert got["li"] == []
    label(warehouse, "s0", "mei", None)
    assert hand_out(warehouse, twice, annotator="li", wanted=4) == ["s0"]


def test_every_fifth_of_a_ranked_queue_is_drawn_at_random_and_remembered(warehouse: Warehouse) -> None:
    sessions = fill(warehouse, 40)
    ranks = {session_id: [0.4 + 0.01 * n, 0.3 - 0.01 * n, 0.3] for n, session_id in enumerate(sessions)}
    model = store_states(warehouse, ranks)
    options = QueueOptions("least_confidence", gold_share=0.0)
    got = hand_out(warehouse, options, annotator="mei", wanted=20, models=(model,))
    drawn = [_drawn(warehouse)[session_id] for session_id in got]
    assert [place for place, how in enumerate(drawn) if how == "random"] == [4, 9, 14, 19]
    ranked = [session_id for session_id, how in zip(got, drawn, strict=True) if how == "ranked"]
    assert ranked == [one for one in sessions if one in ranked]
    label(warehouse, got[4], "mei")
    label(warehouse, got[0], "mei")
    told = read_rows(warehouse, "SELECT session_id, drawn FROM annotation_draws JOIN annotations USING (annotation_id)")
    assert dict(told) == {got[4]: "random", got[0]: "ranked"}


def test_gold_checks_are_mixed_in_and_agreement_is_told(warehouse: Warehouse) -> None:
    fill(warehouse, 60)
    for session_id in ("s0", "s1", "s2"):
        label(warehouse, session_id, "expert", "search", status="gold")
    options = QueueOptions(gold_share=0.2)
    got = hand_out(warehouse, options, annotator="mei", wanted=50)
    checks = [session_id for session_id, drawn in _drawn(warehouse).items() if drawn == "gold"]
    assert sorted(checks) == ["s0", "s1", "s2"]
    assert set(checks) <= set(got)
    label(warehouse, "s0", "mei", "search")
    label(warehouse, "s1", "mei", "deal")
    mei = agreement_of_each(read_votes(warehouse)).set_index("annotator").loc["mei"]
    assert (mei["golds"], mei["right"]) == (2, 0.5)
    assert not {"s0", "s1", "s2"} & set(hand_out(warehouse, QueueOptions(gold_share=0), annotator="li", wanted=50))


def test_the_share_of_gold_checks_is_about_what_was_asked_for() -> None:
    places = [slot(QueueOptions("entropy"), "mei", place, 0.2) for place in range(2000)]
    assert 0.035 < places.count("gold") / 2000 < 0.065
    assert 0.17 < places.count("random") / 2000 < 0.21
    assert "gold" not in {slot(QueueOptions("entropy", gold_share=0), "mei", place, 0.2) for place in range(500)}


def test_a_session_asked_for_by_name_is_leased_if_it_is_free(warehouse: Warehouse) -> None:
    fill(warehouse, 2)
    assert claim_chosen(warehouse, RANDOM, asking_now(warehouse, RANDOM, "mei"), "s1")
    assert hand_out(warehouse, RANDOM, annotator="jonas", wanted=2) == ["s0"]
    assert not claim_chosen(warehouse, RANDOM, asking_now(warehouse, RANDOM, "mei"), "s0")


def test_suspicious_labels_are_reviewed_once(warehouse: Warehouse, clock: TurnedClock) -> None:
    sessions = fill(warehouse, 3)
    for session_id in sessions:
        label(warehouse, session_id, "mei", "browse")
    model = store_states(warehouse, {"s0": [0.8, 0.1, 0.1], "s1": [0.1, 0.8, 0.1], "s2": [0.5, 0.3, 0.2]})
    clock.turn(60)
    review = QueueOptions("label_errors")
    assert hand_out(warehouse, review, annotator="mei", wanted=3, models=(model,)) == ["s1", "s2", "s0"]
    label(warehouse, "s1", "mei", "search")
    assert hand_out(warehouse, review, annotator="mei", wanted=3, models=(model,)) == ["s2", "s0"]
    assert hand_out(warehouse, review, annotator="jonas", wanted=3, models=(model,)) == []
    clock.turn(LEASE_MINUTES + 1)
    assert hand_out(warehouse, review, annotator="jonas", wanted=3, models=(model,)) == ["s2", "s0"]


def test_what_is_left_says_who_holds_the_rest(warehouse: Warehouse, clock: TurnedClock) -> None:
    fill(warehouse, 5)
    hand_out(warehouse, RANDOM, annotator="jonas", wanted=3)
    mine = hand_out(warehouse, RANDOM, annotator="mei", wanted=5)
    label(warehouse, mine[0], "mei")
    left = remaining(warehouse, RANDOM, annotator="mei")
    assert (left.left, left.on_screen, left.skipped) == (1, 1, 0)
    assert [(one.annotator, one.leased, one.until) for one in left.others] == [("jonas", 3, clock() + LEASE)]
    rows = people(warehouse, RANDOM).drop(columns="leased_until").values.tolist()
    assert rows == [["mei", 1, 0, 1], ["jonas", 0, 0, 3]]


def test_only_sessions_of_the_queue_are_said_to_be_held(warehouse: Warehouse) -> None:
    fill(warehouse, 5)
    hand_out(warehouse, RANDOM, annotator="jonas", wanted=5)
    nothing = QueueOptions("sql", sql="SELECT session_id FROM sessions LIMIT 0")
    assert remaining(warehouse, nothing, annotator="mei").others == ()
    one = QueueOptions("sql", sql="SELECT 's2' AS session_id")
    assert [held.leased for held in remaining(warehouse, one, annotator="mei").others] == [1]


def test_another_filter_is_another_queue(warehouse: Warehouse) -> None:
    fill(warehouse, 4)
    first = QueueOptions("sql", sql="SELECT 's1' AS session_id")
    second = QueueOptions("sql", sql="SELECT 's2' AS session_id")
    assert hand_out(warehouse, first, annotator="mei", wanted=4) == ["s1"]
    assert hand_out(warehouse, second, annotator="mei", wanted=4) == ["s2"]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: QueueOptions(overlap=0), "overlap is '0'"),
        (lambda: QueueOptions(random_share=1.5), "random_share is '1.5'"),
        (lambda: QueueOptions(gold_share=-0.1), "gold_share is '-0.1'"),
    ],
)
def test_options_out_of_range_are_named(make, words: str) -> None:
    with pytest.raises(InvalidQueueError, match=words):
        make()


def test_an_unknown_queue_is_named(warehouse: Warehouse) -> None:
    with pytest.raises(InvalidQueueError, match="'luck'"):
        hand_out(warehouse, QueueOptions("luck"), annotator="mei", wanted=1)


def test_what_was_labelled_in_bulk_leaves_ranked_queues_and_stays_in_the_random_draw(warehouse: Warehouse) -> None:
    sessions = fill(warehouse, 12)
    model = store_states(warehouse, dict.fromkeys(sessions, (0.5, 0.3, 0.2)))
    batch = Batch("batch", Selection("filter", tuple(sessions[:10])), "browse", "mei")
    assert apply_batch(warehouse, batch).labeled == 10
    options = QueueOptions("entropy", gold_share=0.0, random_share=0.0)
    assert sorted(hand_out(warehouse, options, annotator="jonas", wanted=12, models=(model,))) == sorted(sessions[10:])
    drawn = hand_out(warehouse, QueueOptions(gold_share=0.0), annotator="mei", wanted=12)
    assert sorted(drawn) == sorted(sessions[:10])
    label(warehouse, drawn[0], "mei", "search")
    told = read_rows(warehouse, "SELECT session_id, drawn FROM annotation_draws JOIN annotations USING (annotation_id)")
    assert told == [(drawn[0], "random")]
