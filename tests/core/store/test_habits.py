"""What shoppers usually do, read from the newest events."""

from core.store.habit_queries import shop_habits
from core.store.ingest_queries import append_events, rebuild_sessions
from core.store.warehouse import Warehouse
from tests.core.store.rows import event, table


def test_habits_are_counted_and_rare_steps_left_out(warehouse: Warehouse) -> None:
    rows = []
    for number in range(40):
        shopper = f"v{number}"
        then = "add_to_cart" if number < 39 else "refund"
        query = "mug" if number % 2 else "lamp"
        rows += [
            event(3 * number, visitor=shopper, event_type="search", query=query if number else "desk"),
            event(3 * number + 1, visitor=shopper, minutes=1, item_id="i1" if number % 3 else "i2"),
            event(3 * number + 2, visitor=shopper, minutes=2, event_type=then, item_id="i1"),
        ]
    append_events(warehouse, table(*rows))
    rebuild_sessions(warehouse)
    habits = shop_habits(warehouse, most=2)
    assert habits.next_types == {"": ("search",), "search": ("view",), "view": ("add_to_cart",)}
    assert habits.items == {"view": ("i1", "i2"), "add_to_cart": ("i1",), "refund": ("i1",)}
    assert habits.queries == ("mug", "lamp")
    assert habits.texts == {}


def test_only_the_newest_events_count(warehouse: Warehouse) -> None:
    append_events(warehouse, table(event(1, event_type="search", query="old"), event(2, minutes=9, item_id="i1")))
    rebuild_sessions(warehouse)
    assert shop_habits(warehouse, newest=1).queries == ()


def test_an_empty_shop_has_no_habits(warehouse: Warehouse) -> None:
    habits = shop_habits(warehouse)
    assert (habits.next_types, habits.items, habits.queries, habits.texts) == ({}, {}, (), {})
