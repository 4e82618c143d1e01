"""A replay: through the collector, the same content and spacing, one at a time, learned by no model, removed as one."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.active.handing_out import hand_out
from core.active.options import QueueOptions
from core.collect.intake import Intake
from core.errors import InvalidReplayError, WarehouseWriteError
from core.events.schema import EVENT_COLUMNS, EVENT_SCHEMA
from core.events.synthetic import sample_folder
from core.events.text import clean_text
from core.intents.annotations import current_annotations
from core.realtime.live_view import Asked, live_view
from core.realtime.presence import Presence
from core.realtime.replay import AS_FAST_AS_POSSIBLE, Replays
from core.realtime.replay_events import REPLAY_PREFIX
from core.realtime.replay_source import ReplaySource
from core.store.event_queries import event_subjects
from core.store.frames import read_frame, read_rows, read_value
from core.store.ingest_queries import append_events
from core.store.overview_queries import totals
from core.store.replay_queries import Replayed, remove_replayed, replayed, stored_span
from core.store.session_queue import settle_sessions
from core.store.snapshot_queries import write_snapshot
from core.store.warehouse import Warehouse
from tests.core.realtime.moments import update_of

SHIFTED = {"event_id", "visitor_id", "user_id", "session_id", "occurred_at", "received_at", "source"}
FIRST_DAY = ReplaySource(end=datetime(2026, 8, 25))
TABLES = "SELECT table_name FROM duckdb_tables() WHERE NOT temporary ORDER BY table_name"


@pytest.fixture
def intake(warehouse: Warehouse) -> Iterator[Intake]:
    intake = Intake(warehouse)
    yield intake
    intake.close()


@pytest.fixture
def edges() -> list[int]:
    return []


@pytest.fixture
def replays(warehouse: Warehouse, intake: Intake, edges: list[int]) -> Iterator[Replays]:
    replays = Replays(warehouse, intake, Presence(warehouse.clock), lambda: edges.append(1))
    yield replays
    replays.close()


def _sample(days: int = 1) -> pa.Table:
    events = pq.read_table(sample_folder() / "events.parquet")
    return events.filter(pa.compute.less(events["occurred_at"], datetime(2026, 8, 24 + days)))


def test_a_replayed_event_is_the_same_but_for_ids_time_and_source(
    replays: Replays, warehouse: Warehouse, edges: list[int]
) -> None:
    before = warehouse.clock()
    status = replays.start(FIRST_DAY, AS_FAST_AS_POSSIBLE)
    status = replays.wait(60)
    source = _sample().to_pandas().sort_values(["occurred_at", "event_id"]).reset_index(drop=True)
    assert (status.state, status.sent, status.total, status.refused) == ("finished", len(source), len(source), 0)
    assert status.progress == 1.0
    assert len(edges) == 2
    settle_sessions(warehouse)
    stored = read_frame(warehouse, f"SELECT {', '.join(EVENT_COLUMNS)} FROM events ORDER BY occurred_at, event_id")
    prefix = f"{REPLAY_PREFIX}{status.name}-"
    for name in sorted(set(EVENT_COLUMNS) - SHIFTED):
        if source[name].dtype != "float64" and source[name].dtype != "int32":
            source[name] = pd.Series(clean_text(pa.array(source[name], pa.string())).to_pylist(), dtype=object)
        same = (source[name] == stored[name]).fillna(False) | (source[name].isna() & stored[name].isna())
        assert same.all(), name
    for name in ("event_id", "visitor_id", "session_id"):
        assert (stored[name] == prefix + source[name]).all()
    moved = (stored["occurred_at"] - source["occurred_at"]).unique()
    assert len(moved) == 1
    assert before <= stored["occurred_at"].max() <= warehouse.clock()
    assert (stored["source"] == "replay").all()
    assert (stored["received_at"] >= before).all()


def _small(warehouse: Warehouse, seconds: tuple[float, ...] = (0.0, 1.0, 2.0)) -> None:
    rows = [
        {"event_id": f"e{place}", "occurred_at": datetime(2026, 5, 1) + timedelta(seconds=at)}
        | {"received_at": datetime(2026, 5, 1), "visitor_id": "v", "event_type": "view", "query": f"shoes {place}"}
        for place, at in enumerate(seconds)
    ]
    append_events(warehouse, pa.Table.from_pylist(rows, schema=EVENT_SCHEMA))


def test_speed_is_kept_and_no_event_happens_before_its_time_or_in_the_future(
    replays: Replays, warehouse: Warehouse
) -> None:
    _small(warehouse)
    began = time.monotonic()
    replays.start(ReplaySource("stored"), 4.0)
    replays.wait(60)
    assert time.monotonic() - began >= 0.5 - 0.06  # two seconds at four times, less what is due together
    rows = read_frame(warehouse, "SELECT occurred_at, received_at FROM events WHERE source = 'replay' ORDER BY ALL")
    assert (rows["occurred_at"] <= rows["received_at"] + timedelta(seconds=0.06)).all()
    assert rows["received_at"].is_monotonic_increasing
    assert (rows["occurred_at"].diff().dropna() == timedelta(seconds=1)).all()


def test_one_at_a_time_and_it_can_be_stopped(replays: Replays, warehouse: Warehouse) -> None:
    _small(warehouse, (0.0, 3600.0))
    replays.start(ReplaySource("stored"), 1.0)
    with pytest.raises(InvalidReplayError, match="is going on"):
        replays.start(ReplaySource("stored"), 1.0)
    with pytest.raises(InvalidReplayError, match="is going on"):
        replays.remove()
    deadline = time.monotonic() + 60
    while replays.status.sent < 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    replays.stop()
    status = replays.wait(60)
    assert (status.state, status.sent) == ("stopped", 1)
    replays.start(ReplaySource("stored"), AS_FAST_AS_POSSIBLE)
    assert replays.wait(60).sent == 2  # what the first one played is no source


def test_what_cannot_be_played_is_refused_by_name(replays: Replays) -> None:
    with pytest.raises(InvalidReplayError, match="no events to replay"):
        replays.start(ReplaySource("stored"), 1.0)
    with pytest.raises(InvalidReplayError, match="speed is '-1"):
        replays.start(FIRST_DAY, -1.0)
    with pytest.raises(InvalidReplayError, match="import_id is 'None'"):
        ReplaySource("import")
    with pytest.raises(InvalidReplayError, match="is not after the start"):
        ReplaySource(start=datetime(2026, 1, 2), end=datetime(2026, 1, 2))


def test_a_server_that_ends_says_so(replays: Replays, warehouse: Warehouse, intake: Intake) -> None:
    _small(warehouse)
    intake.close()
    replays.start(ReplaySource("stored"), AS_FAST_AS_POSSIBLE)
    status = replays.wait(60)
    assert status.state == "failed"
    assert "server is ending" in (status.error or "")


def _contents(warehouse: Warehouse) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table but those whose rows are records of what was done."""
    names = [name for (name,) in read_rows(warehouse, TABLES)]
    return {
        name: sorted(map(repr, read_rows(warehouse, f'SELECT * FROM "{name}"')))  # type: ignore[misc]
        for name in names
        if name not in {"schema_migrations", "audit"}
    }


def test_removing_leaves_the_warehouse_as_it_was(replays: Replays, warehouse: Warehouse, tmp_path: Path) -> None:
    append_events(warehouse, _sample(2))
    before = _contents(warehouse)
    snapshot = write_snapshot(warehouse, tmp_path / "before")
    replays.start(FIRST_DAY, AS_FAST_AS_POSSIBLE)
    replays.wait(60)
    settle_sessions(warehouse)
    assert write_snapshot(warehouse, tmp_path / "during").snapshot_id == snapshot.snapshot_id
    events = len(_sample())
    left = replayed(warehouse)
    assert (left.events, left.labeled) == (events, 0)
    assert totals(warehouse).events == len(_sample(2)) + events
    _predict_and_label(warehouse)
    assert replayed(warehouse).labeled == 1
    assert write_snapshot(warehouse, tmp_path / "labeled").annotations == 0
    assert replays.remove() == events
    assert replayed(warehouse) == Replayed()
    assert _contents(warehouse) == before
    assert current_annotations(warehouse).empty
    write_snapshot(warehouse, tmp_path / "after")
    parts = [(tmp_path / name / "events.parquet").read_bytes() for name in ("before", "after")]
    assert parts[0] == parts[1]


def _predict_and_label(warehouse: Warehouse) -> None:
    """What a scoring, a labeler and a rule leave about a replayed session."""
    one = "FROM events WHERE source = 'replay' ORDER BY event_id LIMIT 1"
    for insert in (
        f"INSERT INTO predictions SELECT event_id, session_id, visitor_id, 'm', [1.0] {one}",
        f"INSERT INTO session_states SELECT session_id, 'm', event_id, [1.0], NULL {one}",
        f"INSERT INTO leases SELECT 1, session_id, 'ann', 'random', 'random', now()::TIMESTAMP, now()::TIMESTAMP {one}",
        f"INSERT INTO weak_labels SELECT 1, session_id, 'browse', 1.0, 'weak' {one}",
        f"""INSERT INTO annotations SELECT 1, 'a', 'c', 'session', session_id, NULL, 'browse', 'ann', now()::TIMESTAMP,
            now()::TIMESTAMP, 1, 'submitted', NULL, NULL, NULL, 1 {one}""",
    ):
        warehouse.write(lambda cursor, insert=insert: cursor.execute(insert).fetchall())  # type: ignore[misc]


def test_no_queue_hands_out_a_replayed_session(replays: Replays, warehouse: Warehouse) -> None:
    _small(warehouse)
    replays.start(ReplaySource("stored"), AS_FAST_AS_POSSIBLE)
    replays.wait(60)
    settle_sessions(warehouse)
    assert totals(warehouse).sessions == 2
    handed = hand_out(warehouse, QueueOptions(), annotator="mei", wanted=10)
    assert [session_id.partition(":")[0] for session_id in handed] == ["v"]


def test_a_removal_that_fails_removes_nothing(
    replays: Replays, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    _small(warehouse)
    replays.start(ReplaySource("stored"), AS_FAST_AS_POSSIBLE)
    replays.wait(60)
    settle_sessions(warehouse)
    before = _contents(warehouse)
    write = warehouse.write

    def torn(change):  # type: ignore[no-untyped-def]
        def failing(cursor):  # type: ignore[no-untyped-def]
            change(cursor)
            raise WarehouseWriteError("no room left")

        return write(failing)

    monkeypatch.setattr(warehouse, "write", torn)
    with pytest.raises(WarehouseWriteError):
        remove_replayed(warehouse)
    assert _contents(warehouse) == before


def test_who_was_replayed_is_forgotten_with_it(warehouse: Warehouse, intake: Intake) -> None:
    presence = Presence(warehouse.clock)
    replays = Replays(warehouse, intake, presence, lambda: None)
    presence.on_updates([update_of(f"{REPLAY_PREFIX}1-ann", "browse"), update_of("bob", "browse")])
    replays.remove()
    assert [one["id"] for one in live_view(presence, Asked()).visitors] == ["bob"]


def test_whoever_remembers_visitors_is_told_of_those_removed(replays: Replays, warehouse: Warehouse) -> None:
    _small(warehouse)
    told: list[set[str]] = []
    warehouse.changes.listen("visitors", lambda visitors: told.append(set(visitors)))
    replays.start(ReplaySource("stored"), AS_FAST_AS_POSSIBLE)
    replays.wait(60)
    assert replays.remove()
    assert all(visitor.startswith(REPLAY_PREFIX) for visitor in told[-1])


def test_stored_events_are_cut_by_days_and_import(warehouse: Warehouse) -> None:
    _small(warehouse)
    start = datetime(2026, 5, 1, 0, 0, 1)
    assert stored_span(warehouse, None, start, None).events == 2
    assert stored_span(warehouse, None, None, start).events == 1
    assert stored_span(warehouse, "import-of-nobody", None, None).events == 0
    assert read_value(warehouse, "SELECT count(*) FROM events") == 3


def test_words_of_events_are_their_query_or_their_item(warehouse: Warehouse) -> None:
    _small(warehouse)
    assert event_subjects(warehouse, ["e1", "nobody"]) == {"e1": "shoes 1"}
    assert event_subjects(warehouse, []) == {}
