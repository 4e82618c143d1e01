"""GA4's nested records from a flat table: one column a parameter, or one line a parameter (after UNNEST)."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.errors import UnreadableFileError

NumberedRows = list[tuple[int, dict[str, Any]]]

_RECORDS = ("event_params", "items", "ecommerce", "device", "geo", "traffic_source")
_PARAMETERS = ("ga_session_id", "search_term", "page_title", "page_location", "currency", "transaction_id")
_ITEM_COLUMNS = (
    *("item_id", "item_name", "item_brand", "price", "quantity", "index"),
    *("item_category", "item_category2", "item_category3", "item_category4", "item_category5"),
)
_IDENTITY = ("user_pseudo_id", "event_timestamp", "event_name", "event_bundle_sequence_id", "batch_event_index")


def nested_again(event: Mapping[str, Any]) -> dict[str, Any]:
    """An event with its records as GA4 nests them, whichever way they were flattened.

    `geo_country` and `event_params_page_title` go into their record; so do bare columns that queries name after a
    parameter (`page_title`) or a part of an item (`item_name`). A single item stands for a list of one.
    """
    nested = {name: value for name, value in event.items() if not _path(name)}
    for name, value in event.items():
        if value is not None and (path := _path(name)):
            _put(nested, path, value)
    if isinstance(nested.get("items"), Mapping):
        nested["items"] = [nested["items"]]
    if _is_one_parameter(nested.get("event_params")):
        nested["event_params"] = [nested["event_params"]]
    return nested


def one_row_an_event(batches: Iterator[NumberedRows]) -> Iterator[NumberedRows]:
    """Batches of numbered rows in which consecutive lines of one event, a parameter each, are one row again.

    A query that unnests `event_params` repeats the event for each of them. Other rows pass as they are; the number is
    that of the event's first line.
    """
    open_row: NumberedRows = []
    try:
        for batch in batches:
            done: NumberedRows = []
            for number, row in batch:
                open_row = _joined(open_row, number, nested_again(row), done)
            yield done
    except UnreadableFileError:  # what came before the break is not lost
        yield open_row
        raise
    yield open_row


def _joined(open_row: NumberedRows, number: int, row: dict[str, Any], done: NumberedRows) -> NumberedRows:
    """The row that is open after this one: the same if it goes on, else this, and the former is done."""
    if open_row and _goes_on(open_row[0][1], row):
        open_row[0][1]["event_params"] += row["event_params"]
        return open_row
    done += open_row
    return [(number, row)]


def _goes_on(former: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    return (
        all(former.get(name) == row.get(name) for name in _IDENTITY)
        and _has_one_parameter(row)
        and isinstance(former.get("event_params"), list)
        and not _names(former) & _names(row)
    )


def _has_one_parameter(row: Mapping[str, Any]) -> bool:
    parameters = row.get("event_params")
    return isinstance(parameters, list) and len(parameters) == 1 and _is_one_parameter(parameters[0])


def _is_one_parameter(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("value"), Mapping) and "key" in value


def _names(row: Mapping[str, Any]) -> set[str]:
    return {str(parameter.get("key")) for parameter in row["event_params"] if isinstance(parameter, Mapping)}


def _path(name: str) -> tuple[str, ...]:
    """Where a flattened column belongs, record first; () for a column of the event itself."""
    if name in _PARAMETERS:
        return "event_params", name
    if name in _ITEM_COLUMNS:
        return "items", name
    for record in _RECORDS:
        part = name.removeprefix(f"{record}_")
        if part != name:
            is_value = record == "event_params" and part.startswith("value_")
            return (record, "value", part.removeprefix("value_")) if is_value else (record, part)
    return ()


def _put(nested: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Set a part of a record that has it not; what is a list already only takes further parameters."""
    record, part = path[0], path[-1]
    inner = nested.get(record)
    if isinstance(inner, list):
        if record == "event_params":
            inner.append({"key": part, "value": {"string_value": value}})
        return
    target = nested[record] = dict(inner) if isinstance(inner, Mapping) else {}
    if len(path) == 3:
        within = target.get("value")
        target["value"] = target = dict(within) if isinstance(within, Mapping) else {}
    target.setdefault(part, value)
