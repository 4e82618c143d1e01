"""Exports of Segment, PostHog and GA4 whose nested records a flat table spread over columns or lines."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from core.importers.ga4_flat import nested_again, one_row_an_event
from core.importers.nested import unpacked
from core.store.event_queries import visitor_events
from core.store.import_pipeline import import_file
from core.store.import_queries import list_imports
from core.store.warehouse import Warehouse

MICROS = 1_777_888_800_000_000
SEGMENT = {
    "type": "track",
    "messageId": "m1",
    "anonymousId": "v1",
    "event": "Product Viewed",
    "timestamp": "2026-05-04T10:00:00Z",
    "properties.product_id": "i1",
    "properties.name": "Desk lamp",
    "properties.price": "19.5",
    "properties.brand": "Lumo",
    "context.page.url": "https://shop.example/i1",
    "context.campaign.medium": "email",
    "context.device.type": "Mobile",
}
SEGMENT_ORDER = {
    "type": "track",
    "messageId": "m2",
    "anonymousId": "v1",
    "event": "Order Completed",
    "timestamp": "2026-05-04T10:00:00Z",
    "properties.order_id": "o1",
    "properties.revenue": "59",
    "properties.products[0].product_id": "i1",
    "properties.products[1].product_id": "i2",
}
WAREHOUSE = {
    "id": "m3",
    "anonymous_id": "v1",
    "event": "product_viewed",
    "event_text": "Product Viewed",
    "original_timestamp": "2026-05-04 10:00:00",
    "timestamp": "2026-05-04 10:00:00",
    "product_id": "i1",
    "price": "19.5",
    "context_campaign_medium": "email",
}
POSTHOG = {
    "uuid": "p1",
    "event": "$pageview",
    "distinct_id": "v1",
    "timestamp": "2026-05-04T10:00:00Z",
    "properties.$current_url": "https://shop.example/lamps",
    "properties.$device_type": "Desktop",
    "properties.$session_id": "s1",
    "properties.utm_medium": "cpc",
}
GA4 = {"event_name": "view_item", "event_timestamp": str(MICROS), "user_pseudo_id": "v1"}
GA4_DOTTED = GA4 | {
    "event_params.ga_session_id": "7",
    "event_params.page_title": "Desk lamp",
    "items.item_id": "i1",
    "items.item_name": "Desk lamp",
    "items.price": "19.5",
    "geo.country": "France",
    "device.category": "mobile",
    "traffic_source.medium": "cpc",
}
GA4_UNDERSCORED = {name.replace(".", "_"): value for name, value in GA4_DOTTED.items()}
GA4_BARE = GA4 | {
    "ga_session_id": "7",
    "page_title": "Desk lamp",
    "item_id": "i1",
    "item_name": "Desk lamp",
    "price": "19.5",
    "geo_country": "France",
    "device_category": "mobile",
    "traffic_source_medium": "cpc",
}
OF_GA4 = {
    "event_type": "view",
    "item_id": "i1",
    "title": "Desk lamp",
    "price": 19.5,
    "session_id": "v1.7",
    "text": "Desk lamp",
    "country": "France",
    "device": "mobile",
    "channel": "cpc",
}


def _write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.parametrize(
    ("preset", "row", "expected"),
    [
        (
            "segment",
            SEGMENT,
            {
                "event_id": "m1",
                "event_type": "view",
                "item_id": "i1",
                "title": "Desk lamp",
                "price": 19.5,
                "brand": "Lumo",
                "channel": "email",
                "device": "mobile",
            },
        ),
        ("segment", SEGMENT_ORDER, {"event_type": "purchase", "order_id": "o1", "price": 59.0, "item_id": "i1"}),
        ("segment-warehouse", WAREHOUSE, {"event_id": "m3", "event_type": "view", "item_id": "i1", "channel": "email"}),
        (
            "posthog",
            POSTHOG,
            {
                "event_id": "p1",
                "event_type": "page",
                "text": "https://shop.example/lamps",
                "device": "desktop",
                "session_id": "s1",
                "channel": "cpc",
            },
        ),
        ("ga4", GA4_DOTTED, OF_GA4),
        ("ga4", GA4_UNDERSCORED, OF_GA4),
        ("ga4", GA4_BARE, OF_GA4),
    ],
)
def test_a_flattened_export_is_recognised_and_understood(
    preset: str, row: dict[str, str], expected: dict[str, Any], warehouse: Warehouse, tmp_path: Path
) -> None:
    result = import_file(warehouse, _write(tmp_path / "export.csv", [row]))
    assert (result.added, result.rejected) == (1, 0)
    assert json.loads(list_imports(warehouse)["mapping"].iloc[0])["preset"] == preset
    event = visitor_events(warehouse, "v1").iloc[0]
    assert {name: event[name] for name in expected} == expected


def test_a_flattened_export_keeps_what_has_no_column(warehouse: Warehouse, tmp_path: Path) -> None:
    import_file(warehouse, _write(tmp_path / "export.csv", [SEGMENT | {"properties.colour": "red"}]))
    properties = json.loads(visitor_events(warehouse, "v1")["properties"].iloc[0])
    assert properties == {"colour": "red", "url": "https://shop.example/i1"}


@pytest.mark.parametrize("mark", [".", "_"])
def test_an_event_with_a_line_a_parameter_is_one_event(mark: str, warehouse: Warehouse, tmp_path: Path) -> None:
    def line(key: str, kind: str, value: str, **changed: str) -> dict[str, str]:
        names = (f"event_params{mark}key", f"event_params{mark}value{mark}{kind}")
        return GA4 | dict(zip(names, (key, value), strict=True)) | changed

    rows = [
        line("ga_session_id", "int_value", "7"),
        line("page_title", "string_value", "Desk lamp"),
        line("ga_session_id", "int_value", "7", event_timestamp=str(MICROS + 1_000_000)),
        line("page_title", "string_value", "Chair", event_timestamp=str(MICROS + 1_000_000)),
        line("page_title", "string_value", "Table", user_pseudo_id=""),
    ]
    result = import_file(warehouse, _write(tmp_path / "export.csv", rows))
    events = visitor_events(warehouse, "v1")
    assert events["text"].tolist() == ["Desk lamp", "Chair"]
    assert set(events["session_id"]) == {"v1.7"}
    assert (result.added, result.rejected) == (2, 1)


def test_lines_of_an_event_are_joined_over_batches_and_numbered_by_the_first() -> None:
    def line(key: str) -> dict[str, Any]:
        return GA4 | {"event_params": {"key": key, "value": {"string_value": key}}}

    batches: list[list[tuple[int, dict[str, Any]]]] = [[(1, line("a")), (2, line("b"))], [(3, line("c"))]]
    rows = [row for batch in one_row_an_event(iter(batches)) for row in batch]
    assert [number for number, _ in rows] == [1]
    assert [parameter["key"] for parameter in rows[0][1]["event_params"]] == ["a", "b", "c"]
    twice = [(1, line("a")), (2, line("a"))]
    assert len([row for batch in one_row_an_event(iter([twice])) for row in batch]) == 2


def test_nested_events_pass_as_they_are() -> None:
    event = GA4 | {"event_params": [{"key": "page_title", "value": {"string_value": "x"}}], "items": [{"item_id": "i"}]}
    assert nested_again(event) == event


def test_dotted_names_become_nested_values() -> None:
    row = {"a.b.c": "1", "a.d": "", "e.0.f": "2", "e[1].f": "3", "g": "4", "g.h": "5", ".": "6", "i.j": '{"k": 7}'}
    assert unpacked(row) == {
        "a": {"b": {"c": "1"}},
        "e": [{"f": "2"}, {"f": "3"}],
        "g": "4",
        "g.h": "5",
        ".": "6",
        "i": {"j": {"k": 7}},
    }
