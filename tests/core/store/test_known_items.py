"""What the writer remembers of items saves statements and changes nothing of what is stored."""

from datetime import timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.collect.collector import REFUSED_SCHEMA
from core.events.schema import ITEM_COLUMNS
from core.settings import Settings
from core.store import collect_queries
from core.store.collect_queries import submit_collected
from core.store.frames import read_rows
from core.store.import_queries import set_item_images
from core.store.ingest_queries import append_events
from core.store.known_items import TOLD_AGAIN_AFTER, KnownItems
from core.store.warehouse import Warehouse
from tests.core.store.rows import START, event, items_table, table

_STORED = f"SELECT {', '.join(ITEM_COLUMNS)} FROM items ORDER BY item_id"
_STEP_MINUTES = TOLD_AGAIN_AFTER.total_seconds() / 60 + 1

TOLD = st.fixed_dictionaries(
    {"item_id": st.sampled_from(["a", "b"]), "step": st.integers(0, 6)},
    optional={"title": st.sampled_from(["x", "y"]), "price": st.sampled_from([1.0, 2.0]), "image": st.just("x.jpg")},
)
ACTIONS = st.lists(
    st.tuples(st.sampled_from(["collect", "collect", "collect", "import", "picture", "fail"]), TOLD, st.booleans()),
    max_size=12,
)


def _do(warehouse: Warehouse, number: int, action: str, told: dict[str, Any], with_event: bool) -> None:
    told = dict(told)
    at = START + timedelta(minutes=_STEP_MINUTES * told.pop("step"))
    items = items_table(told | {"updated_at": at})
    events = table(*([event(number) | {"occurred_at": at, "item_id": told["item_id"]}] if with_event else []))
    if action == "collect":
        submit_collected(warehouse, events, rejected=REFUSED_SCHEMA.empty_table(), items=items).result(20)
    elif action == "import":
        append_events(warehouse, events, items=items)
    elif action == "picture":
        set_item_images(warehouse, {told["item_id"]: "new.jpg"})
    else:

        def fail(cursor: duckdb.DuckDBPyConnection) -> None:
            collect_queries._learn_items(warehouse.known_items, cursor, events, items, items.to_pylist())
            raise duckdb.IOException("no room")

        warehouse.submit(fail).exception(20)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=25)
@given(ACTIONS)
def test_items_are_stored_as_if_nothing_were_remembered(
    tmp_path_factory: pytest.TempPathFactory, actions: list[tuple[str, dict[str, Any], bool]]
) -> None:
    stored = []
    for remembers in (True, False):
        warehouse = Warehouse.open(Settings(home=tmp_path_factory.mktemp("home") / "h", sample_shop=False))
        for number, (action, told, with_event) in enumerate(actions):
            if not remembers:
                known = warehouse.known_items
                warehouse.write(lambda _, known=known: known.clear())
            _do(warehouse, number, action, told, with_event)
        stored.append(read_rows(warehouse, _STORED))
        warehouse.close()
    assert stored[0] == stored[1]


def test_what_is_stored_already_is_not_written_again(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    merged: list[int] = []
    merge = collect_queries.merge_items
    monkeypatch.setattr(
        collect_queries, "merge_items", lambda cursor, items: (merged.append(len(items)), merge(cursor, items))
    )
    for minutes in (0, 1, 2, 3, 30):
        told = items_table({"item_id": "a", "title": "x", "updated_at": START + timedelta(minutes=minutes)})
        submit_collected(warehouse, table(), rejected=REFUSED_SCHEMA.empty_table(), items=told).result(20)
    assert merged == [1, 1]  # at first, and when the time on disk was older than TOLD_AGAIN_AFTER
    assert read_rows(warehouse, "SELECT updated_at FROM items") == [(START + timedelta(minutes=30),)]


def test_an_older_title_loses_against_one_told_again_but_not_written_again(warehouse: Warehouse) -> None:
    for title, minutes in (("new", 0), ("new", 5), ("old", 3)):
        told = items_table({"item_id": "a", "title": title, "updated_at": START + timedelta(minutes=minutes)})
        submit_collected(warehouse, table(), rejected=REFUSED_SCHEMA.empty_table(), items=told).result(20)
    assert read_rows(warehouse, "SELECT title FROM items") == [("new",)]


def test_the_memory_is_bounded() -> None:
    known = KnownItems(most_ids=10, most_rows=4)
    for number in range(100):
        known.remember([dict.fromkeys(ITEM_COLUMNS) | {"item_id": f"i{number}", "updated_at": START}])
        assert known.has_all([f"i{number}"])
    assert len(known._ids) <= 10
    assert len(known._rows) <= 4
