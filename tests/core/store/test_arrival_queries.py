"""What came lately by trackers, without what files brought."""

from datetime import datetime, timedelta

from core.collect.collector import Post
from core.collect.dialects import SEGMENT
from core.collect.intake import Intake
from core.store.arrival_queries import arrivals_by_minute, latest_rejected, newest_arrival
from core.store.warehouse import Warehouse
from tests.app.api.messages import viewed

AT = datetime(2026, 5, 4, 10, 0, 5)


def test_arrivals_are_counted_by_minute_and_source(warehouse: Warehouse) -> None:
    intake = Intake(warehouse)
    minute = timedelta(minutes=1)
    for number, (source, at) in enumerate(
        [("web", AT - 70 * minute), ("web", AT), ("web", AT), ("app", AT), ("web", AT + minute)]
    ):
        intake.submit(Post([viewed(number)], SEGMENT, source, at)).result(20)
    intake.submit(Post([{"type": "dance"}], SEGMENT, "web", AT)).result(20)
    intake.close()
    warehouse.write(
        lambda cursor: cursor.execute("UPDATE events SET import_id = 'file' WHERE event_id = 'm-2'").fetchall()
    )
    found = arrivals_by_minute(warehouse, AT - 60 * minute)
    rows = [(row.minute, row.source, row.events) for row in found.itertuples()]
    assert rows == [
        (datetime(2026, 5, 4, 10), "app", 1),
        (datetime(2026, 5, 4, 10), "web", 1),
        (datetime(2026, 5, 4, 10, 1), "web", 1),
    ]
    assert newest_arrival(warehouse, "web") == AT + minute
    assert newest_arrival(warehouse, "shop") is None
    [refused] = latest_rejected(warehouse, 10).to_dict("records")
    assert (refused["source"], refused["reason"], refused["field"], refused["value"]) == (
        "web",
        "invalid_message",
        "type",
        "dance",
    )
