"""What the Label page does behind the labeler: cards, the journal, the queue."""

import json
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.components.shared.payload import component_texts
from app.views.label_card import build_cards, fold, with_cart, with_gaps
from app.views.label_desk import LabelDesk
from app.views.label_journal import save_operations
from app.views.visitor_records import event_records
from core.active.options import QueueOptions, ScoredModel
from core.errors import NotFoundError
from core.events.rows import plain_rows
from core.events.schema import EVENT_SCHEMA
from core.intents.annotations import current_annotations, label_progress
from core.store.event_queries import session_events
from core.store.frames import read_rows
from core.store.ingest_queries import append_events
from core.store.labeled_queries import newest_labels
from core.store.snapshot_queries import write_snapshot
from core.store.warehouse import Warehouse
from tests.core.active.shop import fill, store_states

START = datetime(2026, 3, 2, 10, 0)
SUGGESTION = ("value", "score", "agent", "shown_at", "accepted", "latency_ms", "planted", "blind")


def shop_event(event_id: str, at_s: int, event_type: str, visitor_id: str = "v1", **values: Any) -> dict[str, Any]:
    known = {
        "event_id": event_id,
        "visitor_id": visitor_id,
        "session_id": f"session-{visitor_id}",
        "event_type": event_type,
    }
    moment = START + timedelta(seconds=at_s)
    return dict.fromkeys(EVENT_SCHEMA.names) | known | {"occurred_at": moment, "received_at": moment} | values


def add(warehouse: Warehouse, *events: dict[str, Any]) -> None:
    append_events(warehouse, pa.Table.from_pylist(list(events), schema=EVENT_SCHEMA))


def shopping(visitor_id: str) -> list[dict[str, Any]]:
    def make(number: int, event_type: str, **values: Any) -> dict[str, Any]:
        return shop_event(f"{visitor_id}.{number}", number * 20, event_type, visitor_id, **values)

    mug = {"item_id": "mug", "price": 9.5, "currency": "EUR"}
    return [
        make(0, "search", query="mug"),
        make(1, "view", **mug),
        make(2, "view", **mug),
        make(3, "add_to_cart", **mug),
    ]


def submit(client_id: str, intent: str | None = "search", **values: Any) -> dict[str, Any]:
    known = {
        "kind": "submit",
        "client_id": client_id,
        "target_kind": "session",
        "session_id": "session-v1",
        "event_id": None,
    }
    return known | {"intent": intent, "status": "submitted" if intent else "skipped", "lead_time_ms": 900} | values


def undo(client_id: str, undoes: str) -> dict[str, Any]:
    return {"kind": "undo", "client_id": client_id, "undoes": undoes, "session_id": "session-v1", "event_id": None}


def intents_now(warehouse: Warehouse) -> list[str | None]:
    frame = current_annotations(warehouse, annotator="ana")
    return [intent if isinstance(intent, str) else None for intent in frame["intent"]]


def records(warehouse: Warehouse, visitor_id: str = "v1") -> list[dict[str, Any]]:
    return with_gaps(with_cart(event_records(session_events(warehouse, f"session-{visitor_id}"))))


def test_a_card_folds_repeats_and_counts_totals(warehouse: Warehouse) -> None:
    add(warehouse, *shopping("v1"))
    card = build_cards(warehouse, ["session-v1"], "ana")[0]
    assert [len(row) for row in card["rows"]] == [1, 2, 1]
    totals = card["totals"]
    assert (totals["events"], totals["searches"], totals["items"], totals["cart_value"]) == (4, 1, 1, 9.5)
    assert totals["duration_ms"] == 60_000
    assert card["given"] == []


def test_cart_changes_never_fold(warehouse: Warehouse) -> None:
    mug = {"item_id": "mug", "price": 9.5}
    add(warehouse, shop_event("a", 0, "add_to_cart", **mug), shop_event("b", 5, "add_to_cart", **mug))
    assert len(fold(records(warehouse))) == 2


def test_the_cart_runs_along_and_empties_with_the_order(warehouse: Warehouse) -> None:
    mug, cup = {"item_id": "mug", "price": 9.5}, {"item_id": "cup", "price": 4.0}
    add(
        warehouse,
        shop_event("a", 0, "add_to_cart", **mug, quantity=2.0),
        shop_event("b", 5, "add_to_cart", **cup),
        shop_event("c", 9, "remove_from_cart", **cup),
        shop_event("d", 12, "purchase", **mug, order_id="o1"),
    )
    held = [[(line["title"], line["quantity"]) for line in record["cart"]] for record in records(warehouse)]
    assert held == [[("mug", 2)], [("mug", 2), ("cup", 1)], [("mug", 2)], []]
    assert [record["gap_ms"] for record in records(warehouse)] == [0, 5000, 4000, 3000]


def test_removing_what_was_never_added_is_no_cart_change(warehouse: Warehouse) -> None:
    add(warehouse, shop_event("a", 0, "remove_from_cart", item_id="mug"), shop_event("b", 1, "view"))
    assert [record["cart"] for record in records(warehouse)] == [[], []]


def test_sending_operations_again_changes_nothing(warehouse: Warehouse) -> None:
    add(warehouse, *shopping("v1"))
    operations = [submit("1"), undo("2", "1"), submit("3", "purchase")]
    for _ in range(3):
        saved = save_operations(warehouse, operations, annotator="ana")
        assert saved.acknowledged == ["1", "2", "3"]
        assert intents_now(warehouse) == ["purchase"]


def test_an_undo_sent_again_after_a_new_label_leaves_it(warehouse: Warehouse) -> None:
    add(warehouse, *shopping("v1"))
    save_operations(warehouse, [submit("1"), undo("2", "1")], annotator="ana")
    save_operations(warehouse, [submit("3", "deal")], annotator="ana")
    save_operations(warehouse, [undo("2", "1"), submit("3", "deal")], annotator="ana")
    assert intents_now(warehouse) == ["deal"]


def test_the_last_label_of_one_batch_wins(warehouse: Warehouse) -> None:
    add(warehouse, *shopping("v1"))
    save_operations(
        warehouse, [submit(str(n), intent) for n, intent in enumerate(["deal", "search", "compare"])], annotator="ana"
    )
    assert intents_now(warehouse) == ["compare"]


def test_labels_of_one_batch_supersede_each_other_in_order(warehouse: Warehouse) -> None:
    add(warehouse, *shopping("v1"))
    save_operations(warehouse, [submit("1"), submit("2", "deal"), submit("1"), submit("3", "browse")], annotator="ana")
    rows = read_rows(warehouse, "SELECT client_id, supersedes FROM annotations ORDER BY sequence")
    assert rows == [("1", None), ("2", "1"), ("3", "2")]


TARGETS = [None, "v1.1"]
DEEDS = st.one_of(st.tuples(st.sampled_from(TARGETS), st.sampled_from(["deal", "browse", None])), st.integers(0, 30))
SENDS = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 4)), max_size=5)


@given(deeds=st.lists(DEEDS, min_size=1, max_size=10), sends=SENDS)
@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_batches_sent_again_and_again_end_as_the_ordered_log(
    warehouse: Warehouse, deeds: list[tuple[str | None, str | None] | int], sends: list[tuple[int, int]]
) -> None:
    """What a browser does that loses answers: it sends again, in order, what it holds and what was long since taken."""
    annotator = uuid.uuid4().hex
    operations, wanted = _deeds_done(annotator, deeds)
    taken = 0
    for back, forward in sends:
        save_operations(warehouse, operations[max(0, taken - back) : taken + forward], annotator=annotator)
        taken = min(taken + forward, len(operations))
    save_operations(warehouse, operations[taken:], annotator=annotator)
    rows = plain_rows(current_annotations(warehouse, annotator=annotator))
    assert {row["event_id"]: (row["client_id"], row["intent"]) for row in rows} == wanted


def _deeds_done(
    annotator: str, deeds: list[tuple[str | None, str | None] | int]
) -> tuple[list[dict[str, Any]], dict[str | None, tuple[str, str | None]]]:
    """The operations, and by a plain dictionary what stands after them; a number takes back the deed at that place."""
    operations: list[dict[str, Any]] = []
    wanted: dict[str | None, tuple[str, str | None]] = {}
    for number, deed in enumerate(deeds):
        client_id = f"{annotator}.{number}"
        if isinstance(deed, tuple):
            event_id, intent = deed
            operations.append(submit(client_id, intent, event_id=event_id))
            wanted[event_id] = (client_id, intent)
        elif operations:
            undone = operations[deed % len(operations)]
            operations.append(undo(client_id, undone["client_id"]))
            if wanted.get(undone["event_id"], ("", None))[0] == undone["client_id"]:
                del wanted[undone["event_id"]]
    return operations, wanted


def test_an_impossible_label_is_told_and_does_not_hold_the_others_back(warehouse: Warehouse) -> None:
    add(warehouse, *shopping("v1"))
    event = {"target_kind": "event", "event_id": "v1.1"}
    saved = save_operations(warehouse, [submit("1", "no-such-intent"), submit("2", "browse", **event)], annotator="ana")
    assert saved.acknowledged == ["1", "2"]
    assert "no-such-intent" in saved.refused["1"]
    assert intents_now(warehouse) == ["browse"]


def test_a_doubt_its_note_and_the_suggestion_are_in_the_journal_and_no_doubt_trains(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    add(warehouse, *shopping("v1"), *shopping("v2"))
    suggestion = {"value": "search", "score": 0.8, "agent": "m1", "shown_at": "2026-03-02T10:00:00Z", "odd": 1}
    known = {"accepted": True, "latency_ms": 900, "planted": False, "blind": False}
    doubt = submit("1", "deal", status="unsure", note="or browse?", suggestion=suggestion | known)
    save_operations(warehouse, [doubt, submit("2", session_id="session-v2")], annotator="ana")
    stored = current_annotations(warehouse, session_id="session-v1").iloc[0]
    assert (stored["status"], stored["note"]) == ("unsure", "or browse?")
    assert json.loads(stored["suggestion"]) == {name: suggestion.get(name, known.get(name)) for name in SUGGESTION}
    assert write_snapshot(warehouse, tmp_path / "snapshot").annotations == 1
    assert newest_labels(warehouse, 10)["session_id"].tolist() == ["session-v2"]


def test_what_waited_in_the_browser_is_dated_when_it_was_given(warehouse: Warehouse) -> None:
    add(warehouse, *shopping("v1"))
    save_operations(warehouse, [submit("1", waited_ms=60_000)], annotator="ana")
    created_at = current_annotations(warehouse)["created_at"].iloc[0]
    assert timedelta(seconds=60) <= warehouse.clock() - created_at < timedelta(seconds=90)


def test_a_card_tells_what_the_visitor_did_before_and_what_this_annotator_said(warehouse: Warehouse) -> None:
    first = [shop_event(f"a{n}", n, "view", session_id="first") for n in range(3)]
    second = [shop_event(f"b{n}", 7200 + n, "search", session_id="second", query="mug") for n in range(2)]
    third = [shop_event(f"c{n}", 14_400 + n, "view", session_id="third") for n in range(2)]
    add(warehouse, *first, *second, *third)
    save_operations(warehouse, [submit("1", "browse", session_id="first")], annotator="ana")
    save_operations(warehouse, [submit("2", "deal", session_id="first")], annotator="bo")
    newest, oldest = build_cards(warehouse, ["third", "first"], "ana")
    assert newest["earlier"]["count"] == 2
    told = [
        (each["session_id"], each["events"], each["query"], each["intent"]) for each in newest["earlier"]["sessions"]
    ]
    assert told == [("second", 2, "mug", None), ("first", 3, None, "browse")]
    assert oldest["earlier"] == {"count": 0, "sessions": []}


def test_event_and_session_labels_are_counted_apart(warehouse: Warehouse) -> None:
    add(warehouse, *shopping("v1"))
    event = {"target_kind": "event", "event_id": "v1.1"}
    save_operations(warehouse, [submit("1"), submit("2", "search", **event)], annotator="ana")
    row = label_progress(warehouse, "ana").set_index("intent").loc["search"]
    assert (row["sessions"], row["events"]) == (1, 1)


def test_the_desk_brings_cards_once_and_says_when_there_are_no_more(warehouse: Warehouse) -> None:
    add(warehouse, *shopping("v1"), *shopping("v2"), *shopping("v3"))
    desk = LabelDesk("ana")
    desk.open(warehouse, "session-v2")
    session_ids = [card["session_id"] for card in desk.cards]
    assert session_ids[0] == "session-v2"
    assert sorted(session_ids) == ["session-v1", "session-v2", "session-v3"]
    desk.take(warehouse, {"wanted": 10, "loaded": session_ids})
    assert (desk.cards, desk.exhausted) == ([], True)


def test_a_labelled_or_skipped_session_does_not_come_back(warehouse: Warehouse) -> None:
    add(warehouse, *shopping("v1"), *shopping("v2"), *shopping("v3"))
    save_operations(warehouse, [submit("1"), submit("2", None, session_id="session-v2")], annotator="ana")
    desk = LabelDesk("ana")
    desk.open(warehouse)
    assert [card["session_id"] for card in desk.cards] == ["session-v3"]


def test_a_card_shows_what_the_annotator_gave_before(warehouse: Warehouse) -> None:
    add(warehouse, *shopping("v1"))
    save_operations(warehouse, [submit("1")], annotator="ana")
    desk = LabelDesk("ana")
    desk.open(warehouse, "session-v1")
    given = desk.cards[0]["given"][0]
    assert [given[name] for name in ("event_id", "intent", "status", "client_id")] == [None, "search", "submitted", "1"]


def test_an_unknown_session_in_the_address_is_named(warehouse: Warehouse) -> None:
    with pytest.raises(NotFoundError, match="nowhere"):
        LabelDesk("ana").open(warehouse, "nowhere")


def test_a_card_carries_the_suggestion_of_the_model(warehouse: Warehouse) -> None:
    add(warehouse, *shopping("v1"), *shopping("v2"))
    state = ["session-v1", "m1", "v1.3", [0.1, 0.9], None]
    warehouse.write(lambda cursor: cursor.execute("INSERT INTO session_states VALUES (?, ?, ?, ?, ?)", state))
    model = ScoredModel("m1", ("browse", "purchase"), START, Path("nowhere"))
    desk = LabelDesk("ana", models=(model,))
    desk.open(warehouse)
    suggestions = {card["session_id"]: card["suggestion"] for card in desk.cards}
    assert suggestions["session-v2"] is None
    made = suggestions["session-v1"]
    assert set(made) == {"intent", "score", "agent", "blind", "planted"}
    assert (made["score"], made["agent"], made["intent"] == "purchase") == (0.9, "m1", not made["planted"])


def test_a_desk_whose_queue_ended_looks_again_and_keeps_what_is_on_its_way(warehouse: Warehouse) -> None:
    add(warehouse, *shopping("v1"), *shopping("v2"))
    other = LabelDesk("ben")
    other.fetch(warehouse, [], 1)
    desk = LabelDesk("ana")
    desk.open(warehouse)
    assert (len(desk.cards), desk.exhausted) == (1, True)
    first = desk.cards[0]["session_id"]
    save_operations(warehouse, [submit("1", None, session_id=other.loaded[0])], annotator="ben")
    desk.keep(warehouse)
    assert [card["session_id"] for card in desk.cards] == [first, other.loaded[0]]
    desk.leave(warehouse)
    other.fetch(warehouse, [], 2)
    assert other.cards == []


def test_a_second_tab_neither_repeats_nor_skips(warehouse: Warehouse) -> None:
    sessions = fill(warehouse, 25)
    first, second = LabelDesk("ana"), LabelDesk("ana")
    first.open(warehouse)
    second.open(warehouse)
    mine, others = list(first.loaded), list(second.loaded)
    assert len({*mine, *others}) == 20
    rest, exhausted = first.bring(warehouse, mine, 10)
    assert exhausted
    assert sorted([*mine, *others, *(card["session_id"] for card in rest)]) == sorted(sessions)
    second.leave(warehouse)
    brought, _ = first.bring(warehouse, first.loaded, 25)
    assert [card["session_id"] for card in brought] == others


def _two_tabs_that_were_cut_off(warehouse: Warehouse) -> list[LabelDesk]:
    desks = [LabelDesk("ana"), LabelDesk("ana")]
    for desk in desks:
        desk.open(warehouse)
    for desk in desks:
        desk.leave(warehouse)
    return desks


def test_tabs_that_come_back_to_a_restarted_server_keep_their_own_sessions(warehouse: Warehouse) -> None:
    fill(warehouse, 40)
    before = _two_tabs_that_were_cut_off(warehouse)
    again = [LabelDesk("ana"), LabelDesk("ana")]
    for desk, held in zip(again[::-1], before, strict=True):  # the other one comes first
        desk.open(warehouse)
        assert desk.bring(warehouse, held.loaded, 0) == ([], False)
    brought = [card["session_id"] for desk in again for card in desk.bring(warehouse, desk.loaded, 10)[0]]
    assert len(brought) == 20
    assert not {*brought} & {*before[0].loaded, *before[1].loaded}


def test_a_tab_that_is_back_first_leaves_the_other_its_sessions(warehouse: Warehouse) -> None:
    fill(warehouse, 40)
    before = _two_tabs_that_were_cut_off(warehouse)
    first = LabelDesk("ana")
    first.open(warehouse)
    brought = [card["session_id"] for card in first.bring(warehouse, before[0].loaded, 20)[0]]
    assert len(brought) == 20
    assert not {*brought} & {*before[0].loaded, *before[1].loaded}
    rest, _ = first.bring(warehouse, [*before[0].loaded, *brought], 20)
    assert [card["session_id"] for card in rest] == before[1].loaded, "not lost if the other tab is never back"


def test_a_refresh_of_one_of_two_tabs_brings_its_own_sessions_back(warehouse: Warehouse) -> None:
    fill(warehouse, 25)
    first, second = LabelDesk("ana"), LabelDesk("ana")
    first.open(warehouse)
    second.open(warehouse)
    second.leave(warehouse)
    anew = LabelDesk("ana")
    anew.open(warehouse)
    assert anew.loaded == second.loaded


def test_the_labelers_words_keep_their_placeholders_for_the_browser() -> None:
    assert component_texts("label")["mode_span"] == "Labelling events {first}–{last} of {total}"


def test_a_new_model_ranks_what_comes_next_and_repeats_or_skips_no_card(warehouse: Warehouse) -> None:
    sessions = fill(warehouse, 40)
    unsure = {"m1": sessions, "m2": sessions[::-1]}
    first, second = (
        store_states(
            warehouse, {one: (0.5 + 0.01 * place, 0.5 - 0.01 * place) for place, one in enumerate(order)}, model_id=name
        )
        for name, order in unsure.items()
    )
    desk = LabelDesk("ana", QueueOptions("margin", random_share=0.0, gold_share=0.0), (first,))
    desk.open(warehouse)
    shown = [card["session_id"] for card in desk.cards]
    assert shown == sessions[:10]
    desk.models = (second, first)
    for _ in range(3):
        desk.take(warehouse, {"wanted": 10, "loaded": shown})
        shown += [card["session_id"] for card in desk.cards]
    assert shown[10:] == sessions[:9:-1]
