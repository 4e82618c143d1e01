"""Posts that were acknowledged and could not be stored: told with their reason, stored again, imported, put away."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.errors import WarehouseWriteError
from core.settings import Settings
from core.store.arrival_record import encode, head_of_records
from core.store.arrivals import Arrivals, resume_arrivals
from core.store.collect_queries import arrival_of
from core.store.commit_log import CommitLog, Record
from core.store.frames import read_rows, read_value
from core.store.import_pipeline import import_file
from core.store.set_aside import (
    StoredAgain,
    bring_back,
    list_set_aside,
    put_away,
    set_aside,
    set_aside_rows,
    store_again,
)
from core.store.warehouse import Warehouse
from tests.core.collect.broker.nats_server import wait_until
from tests.core.store.rows import event, items_table, table
from tests.core.store.test_arrivals import NOTHING, REFUSED

LINKS = [("v1", "mia")]
EVENTS = "SELECT event_id FROM events ORDER BY 1"


@contextmanager
def without_persons(warehouse: Warehouse) -> Iterator[None]:
    """A warehouse that takes no post by which a visitor turns out to be somebody: the table of those is missing."""
    warehouse.write(lambda cursor: cursor.execute("ALTER TABLE person_links RENAME TO missing").fetchall())
    try:
        yield
    finally:
        warehouse.write(lambda cursor: cursor.execute("ALTER TABLE missing RENAME TO person_links").fetchall())


def post_and_set_aside(warehouse: Warehouse, posts: int = 1) -> None:
    """Posts of one event each, p0 …, that are acknowledged and set aside."""
    before = len(list_set_aside(warehouse))
    with without_persons(warehouse):
        arrivals = Arrivals(warehouse)
        for n in range(posts):
            events = table(event(0, event_id=f"p{n}", item_id="shoe", properties='{"size": 42}', price=9.5))
            told = items_table({"item_id": "shoe", "title": "Shoe"})
            arrivals.submit(events, rejected=REFUSED, items=told, links=LINKS).result(20)
        wait_until(lambda: len(list_set_aside(warehouse)) == before + posts, "the posts are set aside")
        arrivals.close()


def test_a_post_is_told_with_its_reason_and_its_size(warehouse: Warehouse) -> None:
    assert list_set_aside(warehouse) == []
    post_and_set_aside(warehouse)
    (post,) = list_set_aside(warehouse)
    assert (post.number, post.events, post.refused) == (1, 1, 1)
    assert post.reason.startswith("CatalogException")
    assert "person_links" in post.reason
    assert abs((post.at - warehouse.clock()).total_seconds()) < 60


def test_what_was_mended_is_stored_again_each_post_for_itself(warehouse: Warehouse) -> None:
    post_and_set_aside(warehouse, posts=2)
    with without_persons(warehouse):
        assert store_again(warehouse) == StoredAgain(stored=0, left=2)
    assert store_again(warehouse) == StoredAgain(stored=2, left=0)
    assert read_rows(warehouse, EVENTS) == [("p0",), ("p1",)]
    assert read_rows(warehouse, "SELECT title FROM items") == [("Shoe",)]
    assert read_value(warehouse, "SELECT count(*) FROM rejected_events") == 2
    assert list_set_aside(warehouse) == []
    assert store_again(warehouse) == StoredAgain(stored=0, left=0)


def test_whoever_remembers_a_visitor_is_told_that_events_were_stored_again(warehouse: Warehouse) -> None:
    post_and_set_aside(warehouse)
    told: list[object] = []
    warehouse.changes.listen("visitors", told.append)
    store_again(warehouse)
    assert told == [{"v1"}]


def test_the_events_can_be_imported_as_a_file_and_are_not_doubled(warehouse: Warehouse, tmp_path: Path) -> None:
    post_and_set_aside(warehouse)
    file = tmp_path / "set-aside-events.jsonl"
    file.write_text("".join(json.dumps(row, default=str) + "\n" for row in set_aside_rows(warehouse)))
    assert import_file(warehouse, file).added == 1
    query = "SELECT event_id, occurred_at, visitor_id, item_id, price, properties FROM events"
    (stored,) = read_rows(warehouse, query)
    sent = event(0)
    assert stored == ("p0", sent["occurred_at"], "v1", "shoe", 9.5, '{"size": 42}')
    assert read_rows(warehouse, "SELECT title FROM items") == [("Shoe",)]
    assert store_again(warehouse) == StoredAgain(stored=1, left=0)
    assert read_rows(warehouse, EVENTS) == [("p0",)]


def test_what_was_put_away_is_off_the_list_and_comes_back(warehouse: Warehouse) -> None:
    post_and_set_aside(warehouse, posts=2)
    before = list_set_aside(warehouse)
    numbers = put_away(warehouse)
    assert sorted(numbers) == [1, 2]
    assert (list_set_aside(warehouse), set_aside_rows(warehouse)) == ([], [])
    bring_back(warehouse, numbers)
    assert list_set_aside(warehouse) == before


def test_a_post_of_the_version_before_has_no_note_and_is_stored_all_the_same(warehouse: Warehouse) -> None:
    post_and_set_aside(warehouse)
    (warehouse.settings.commit_log_folder / "set-aside" / "1.json").unlink()
    (post,) = list_set_aside(warehouse)
    assert (post.reason, post.events) == ("", None)
    with without_persons(warehouse):
        store_again(warehouse)
    assert list_set_aside(warehouse)[0].reason.startswith("CatalogException")
    assert store_again(warehouse).stored == 1


def test_a_post_that_cannot_be_read_stays(warehouse: Warehouse) -> None:
    set_aside(warehouse, Record(7, b"torn", head_of_records()), ValueError("torn"))
    assert store_again(warehouse) == StoredAgain(stored=0, left=1)
    (post,) = list_set_aside(warehouse)
    assert (post.reason, post.events) == ("ValueError: torn", None)
    assert set_aside_rows(warehouse) == []


def test_a_disk_that_refuses_leaves_the_post_set_aside(warehouse: Warehouse, settings: Settings) -> None:
    post_and_set_aside(warehouse)
    warehouse.close()
    with pytest.raises(WarehouseWriteError, match="closed"):
        store_again(warehouse)
    reopened = Warehouse.open(settings)
    assert len(list_set_aside(reopened)) == 1
    reopened.close()


def test_a_post_left_by_a_crash_is_set_aside_with_its_reason_too(warehouse: Warehouse) -> None:
    (log_id,) = read_rows(warehouse, "SELECT log_id FROM commit_log")[0]
    log = CommitLog(warehouse.settings.commit_log_folder, log_id.bytes, head_of_records())
    arrival = arrival_of(warehouse, table(event(1)), **NOTHING, links=LINKS)
    log.append([encode(arrival)])
    with without_persons(warehouse):
        assert resume_arrivals(warehouse) == 1
    (post,) = list_set_aside(warehouse)
    assert (post.events, post.refused) == (1, 0)
    assert store_again(warehouse).stored == 1
    assert read_rows(warehouse, EVENTS) == [("e1",)]
