"""A reader's own SQL: one SELECT over our tables, nothing outside the warehouse, and not for ever."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb

from core.errors import InvalidQueueError
from core.store.warehouse import Warehouse

TABLES = frozenset(
    {
        "events",
        "items",
        "sessions",
        "annotations",
        "current_annotations",
        "annotation_draws",
        "predictions",
        "session_states",
        "intents",
        "leases",
    }
)
"""What may be read. Files, other databases and the settings of this one may not."""
TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest"})
DENIED_FUNCTIONS = frozenset({"getenv", "getvariable", "current_setting", "nextval", "setseed"})


def checked_query(warehouse: Warehouse, sql: str) -> str:
    """The query, if it is one SELECT that reads our tables only and gives a column session_id.

    Raises:
        InvalidQueueError: it is not; the message says why.
    """
    text = sql.strip().rstrip(";").strip()
    if not text:
        raise InvalidQueueError("The query is empty, expected a SELECT such as: SELECT session_id FROM sessions.")
    with warehouse.cursor() as cursor:
        tree = _parsed(cursor, text)
        _check(tree)
        names = _columns(cursor, text)
    if "session_id" not in names:
        raise InvalidQueueError(
            f"The query gives the columns {', '.join(names)}, expected session_id among them: add it to the SELECT."
        )
    return text


@contextmanager
def time_limit(cursor: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """Interrupt what the cursor does when the time is up.

    Raises:
        InvalidQueueError: it was.
    """
    timer = threading.Timer(seconds, cursor.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    except duckdb.InterruptException as error:
        raise InvalidQueueError(
            f"The queue's query took longer than {seconds:g} s and was given up; narrow it, or join fewer events."
        ) from error
    except (duckdb.BinderException, duckdb.CatalogException, duckdb.ConversionException) as error:
        raise InvalidQueueError(f"The queue's query cannot be run: {_first_line(error)}.") from error
    finally:
        timer.cancel()


def _parsed(cursor: duckdb.DuckDBPyConnection, text: str) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads(cursor.execute("SELECT json_serialize_sql(?)", [text]).fetchall()[0][0])
    if tree["error"]:
        raise InvalidQueueError(f"The query cannot be read: {tree['error_message']}. Expected one SELECT.")
    if len(tree["statements"]) != 1:
        raise InvalidQueueError(f"There are {len(tree['statements'])} statements, expected one SELECT.")
    return tree


def _check(tree: Any) -> None:
    nodes = list(_nodes(tree))
    own = {str(entry["key"]).lower() for node in nodes for entry in (node.get("cte_map") or {}).get("map", [])}
    own = {
        name for name in own if name.isidentifier()
    }  # any other name could stand for a file where it is not in scope
    for node in nodes:
        kind = node.get("type")
        if kind == "BASE_TABLE":
            _check_table(node, own)
        elif kind == "TABLE_FUNCTION" and node["function"].get("function_name", "").lower() not in TABLE_FUNCTIONS:
            raise _refused(node["function"].get("function_name", ""), "table function", TABLE_FUNCTIONS)
        elif kind == "SHOW_REF":
            raise InvalidQueueError("The query is a DESCRIBE or SHOW, expected a SELECT.")
        elif str(node.get("function_name", "")).lower() in DENIED_FUNCTIONS:
            raise InvalidQueueError(f"The query calls '{node['function_name']}', which label queues may not; leave it.")


def _check_table(node: dict[str, Any], own: set[str]) -> None:
    name = str(node["table_name"])
    qualified = node.get("schema_name") or node.get("catalog_name")
    if qualified or name.lower() not in TABLES | own:
        raise _refused(f"{qualified}.{name}" if qualified else name, "table", TABLES)


def _refused(name: str, kind: str, allowed: frozenset[str]) -> InvalidQueueError:
    return InvalidQueueError(f"The query reads the {kind} '{name}', expected one of {', '.join(sorted(allowed))}.")


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
    for inner in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from _nodes(inner)


def _columns(cursor: duckdb.DuckDBPyConnection, text: str) -> list[str]:
    try:
        rows = cursor.execute(f"DESCRIBE FROM ({text}\n)").fetchall()
    except duckdb.Error as error:
        raise InvalidQueueError(f"The query cannot be run: {_first_line(error)}.") from error
    return [str(row[0]) for row in rows]


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")
