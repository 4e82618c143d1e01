"""Importing files: as they look, once, with what was rejected kept; the public logs arrive by their presets."""

import json
from pathlib import Path

import pytest

from core.errors import ColumnMappingError
from core.store.event_queries import visitor_events
from core.store.import_pipeline import ImportProgress, import_file, plan_import, recover_imports
from core.store.import_queries import list_imports, start_import
from core.store.overview_queries import event_type_counts, totals
from core.store.rejected_queries import list_rejected, rejected_reasons
from core.store.warehouse import Warehouse

REAL = Path(__file__).resolve().parents[4] / "shared" / "data"
CSV = """visitor_id,occurred_at,event_type,item_id,query,colour
v1,2026-05-04T10:00:00Z,search,,lamp,red
v1,2026-05-04T10:01:00Z,view,i1,,
v1,2026-05-04T11:00:00Z,view,i2,,
,2026-05-04T11:00:00Z,view,i2,,
v2,never,view,i2,,
v2,2026-05-04T12:00:00Z,dance,,,
"""


@pytest.fixture
def csv_file(tmp_path: Path) -> Path:
    path = tmp_path / "events.csv"
    path.write_text(CSV)
    return path


def test_a_file_becomes_events_sessions_and_kept_rejected_rows(warehouse: Warehouse, csv_file: Path) -> None:
    told: list[ImportProgress] = []
    result = import_file(warehouse, csv_file, progress=told.append)
    assert (result.rows_read, result.added, result.duplicates, result.rejected) == (6, 4, 0, 2)
    assert totals(warehouse).sessions == 3, "59 minutes part the two sessions of v1"
    reasons = rejected_reasons(warehouse, result.import_id)
    assert set(reasons["reason"]) == {"missing_visitor_id", "unparseable_time"}
    assert sorted(list_rejected(warehouse, result.import_id)["row_number"]) == [5, 6], "lines of the file"
    assert json.loads(visitor_events(warehouse, "v1")["properties"].iloc[0]) == {"colour": "red"}
    assert [progress.phase for progress in told][-1] == "finished"
    assert list_imports(warehouse)["status"].tolist() == ["finished"]


def test_importing_a_file_again_adds_nothing(warehouse: Warehouse, csv_file: Path) -> None:
    import_file(warehouse, csv_file)
    before = totals(warehouse)
    again = import_file(warehouse, csv_file)
    assert (again.added, again.duplicates) == (0, 4)
    assert totals(warehouse) == before


def test_a_mapping_may_be_given_as_json(warehouse: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("who;when;what\na;2026-05-04;Kauf\n")
    mapping = {
        "columns": {"visitor_id": "who", "occurred_at": "when", "event_type": "what"},
        "type_names": {"Kauf": "purchase"},
    }
    assert import_file(warehouse, path, mapping=json.dumps(mapping)).added == 1
    assert event_type_counts(warehouse)["event_type"].tolist() == ["purchase"]


def test_a_file_that_nobody_understands_adds_nothing(warehouse: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("a,b\nx,y\n")
    with pytest.raises(ColumnMappingError, match="occurred_at"):
        import_file(warehouse, path)
    with pytest.raises(ColumnMappingError, match="preset"):
        import_file(warehouse, path, mapping="nonsense")
    assert list_imports(warehouse).empty


def test_a_stopped_import_keeps_what_it_added(warehouse: Warehouse, csv_file: Path) -> None:
    result = import_file(warehouse, csv_file, should_stop=lambda: True)
    assert result.stopped
    assert totals(warehouse).events == 4
    assert list_imports(warehouse)["status"].tolist() == ["stopped"]


def test_an_import_left_by_a_crash_is_closed_and_its_sessions_are_derived(warehouse: Warehouse, csv_file: Path) -> None:
    import_file(warehouse, csv_file)
    start_import(warehouse, "crashed.csv", {})
    assert recover_imports(warehouse) == 1
    assert set(list_imports(warehouse)["status"]) == {"finished", "failed"}
    assert recover_imports(warehouse) == 0


def test_segment_posthog_and_ga4_exports_are_recognised(warehouse: Warehouse, tmp_path: Path) -> None:
    lines = {
        "segment": {
            "type": "track",
            "event": "Product Added",
            "messageId": "m1",
            "anonymousId": "a",
            "timestamp": "2026-05-04T10:00:00Z",
            "receivedAt": "2026-05-04T10:00:01Z",
            "properties": {"product_id": "p1", "price": 9.5},
        },
        "posthog": {
            "uuid": "u1",
            "event": "Products Searched",
            "distinct_id": "b",
            "timestamp": "2026-05-04T10:00:00Z",
            "properties": {"query": "lamp", "$session_id": "s1", "$device_type": "Mobile"},
        },
        "ga4": {
            "event_name": "purchase",
            "event_timestamp": "1777888800000000",
            "user_pseudo_id": "c",
            "event_params": [{"key": "ga_session_id", "value": {"int_value": "7"}}],
            "items": [{"item_id": "p2", "item_name": "Lamp", "item_category": "Home", "item_category2": "Light"}],
            "ecommerce": {"transaction_id": "t1", "purchase_revenue": 20.0},
        },
    }
    for name, line in lines.items():
        path = tmp_path / f"{name}.jsonl"
        path.write_text(json.dumps(line) + "\n")
        plan = plan_import(path)
        assert plan.preset is not None
        assert plan.preset.name == name
        assert import_file(warehouse, path).added == 1
    seen = {visitor: visitor_events(warehouse, visitor).iloc[0] for visitor in "abc"}
    assert (seen["a"]["event_type"], seen["a"]["item_id"], seen["a"]["price"]) == ("add_to_cart", "p1", 9.5)
    assert (seen["b"]["event_type"], seen["b"]["query"], seen["b"]["session_id"]) == ("search", "lamp", "s1")
    assert (seen["c"]["event_type"], seen["c"]["order_id"], seen["c"]["price"]) == ("purchase", "t1", 20.0)
    assert seen["c"]["category"] == "Home > Light"


@pytest.mark.parametrize(
    ("name", "lines", "types"),
    [
        (
            "retailrocket",
            "timestamp,visitorid,event,itemid,transactionid\n1433221332117,1,transaction,3,4\n",
            "purchase",
        ),
        ("yoochoose", "1,2014-04-07T10:51:09.277Z,214536502,0\n1,2014-04-07T10:54:09.868Z,214536500,0\n", "view"),
        ("yoochoose-buys", "420374,2014-04-06T18:44:58.314Z,214537888,12462,1\n", "purchase"),
        ("diginetica", "sessionId;userId;itemId;timeframe;eventdate\n1;NA;81766;526309;2016-05-09\n", "view"),
        (
            "diginetica-purchases",
            "sessionId;userId;timeframe;eventdate;ordernumber;itemId\n1;5;352;2016-05-09;8;81766\n",
            "purchase",
        ),
    ],
)
def test_public_formats_are_recognised(name: str, lines: str, types: str, warehouse: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(lines)
    plan = plan_import(path)
    assert plan.preset is not None
    assert plan.preset.name == name
    assert import_file(warehouse, path).rejected == 0
    assert event_type_counts(warehouse)["event_type"].tolist() == [types]


@pytest.mark.skipif(not REAL.is_dir(), reason="the public data sets are not on this machine")
@pytest.mark.parametrize(
    ("file", "preset", "least"),
    [
        ("rees46_head/events.parquet", "rees46", 17_000),
        ("otto_sample/train.jsonl", "otto", 800),
        ("trivago_100k/events.parquet", "trivago", 100_000),
        ("jdata_demo/train.csv", "jdata", 27_000),
    ],
)
def test_real_logs_arrive(file: str, preset: str, least: int, warehouse: Warehouse) -> None:
    plan = plan_import(REAL / file)
    assert plan.preset is not None
    assert plan.preset.name == preset
    result = import_file(warehouse, REAL / file)
    assert result.added >= least
    assert result.rejected == 0
