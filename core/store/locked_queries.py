"""Queries that people write: one plain SELECT over named tables, run read-only with a time limit.

The warehouse's connection cannot be closed to files as a whole, because imports and snapshots use them. So a query is
parsed by DuckDB itself, and every table, function and table function in its tree must be an allowed one; what then
runs is the text made from that checked tree, in a read-only transaction.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import duckdb

from core.errors import RefusedQueryError
from core.store.frames import read_rows
from core.store.warehouse import Warehouse

READABLE_TABLES = ("events", "sessions", "items")
TABLE_FUNCTIONS = ("unnest", "range", "generate_series")
TIME_LIMIT_S = 10.0

_SELECT, _AS = "SELECT ", " AS is_true"
_PLAIN_SOURCES = {"BASE_TABLE", "SUBQUERY", "JOIN", "EMPTY", "EXPRESSION_LIST", "TABLE_FUNCTION"}
_PLAIN_NODES = {"SELECT_NODE", "SET_OPERATION_NODE", "CTE_NODE"}
_TOLD_APART = ("unnest", "row", "coalesce")
"""Functions that the binder knows and the list of functions does not."""


def check_select(warehouse: Warehouse, query: str, tables: tuple[str, ...] = READABLE_TABLES) -> str:
    """The query as DuckDB understood it, if it is one SELECT over these tables and functions without side effects.

    Raises:
        RefusedQueryError: it is not; the message names the part.
    """
    return _checked(warehouse, _parse(warehouse, query), tables)


def check_condition(
    warehouse: Warehouse, condition: str, tables: tuple[str, ...] = READABLE_TABLES
) -> tuple[str, set[str]]:
    """A condition as DuckDB understood it, checked like a query, and the columns that it names.

    Raises:
        RefusedQueryError: it is not a single condition, or reads what it may not.
    """
    tree = _parse(warehouse, f"{_SELECT}({condition}\n){_AS}")
    select = tree["statements"][0]["node"]
    text = _checked(warehouse, tree, tables)
    if len(select.get("select_list", [])) != 1 or not (text.startswith(_SELECT) and text.endswith(_AS)):
        raise RefusedQueryError(f"'{condition[:80]}' is no single condition, expected one such as price > 3.")
    columns = {str(node["column_names"][-1]) for node in _nodes(tree) if node.get("column_names")}
    return text.removeprefix(_SELECT).removesuffix(_AS), columns


def _checked(warehouse: Warehouse, tree: dict[str, Any], tables: tuple[str, ...]) -> str:
    nodes = list(_nodes(tree))
    named = {str(entry["key"]).lower() for node in nodes for entry in _entries(node)}
    named = {name for name in named if name.isidentifier()}  # any other could be a file's where it is not in scope
    functions = _harmless_functions(warehouse)
    for node in nodes:
        _check(node, {*tables, *named}, functions)
    text = read_rows(warehouse, "SELECT json_deserialize_sql(?::JSON)", [json.dumps(tree)])[0][0]
    return str(text)


@contextmanager
def locked_cursor(warehouse: Warehouse, time_limit_s: float = TIME_LIMIT_S) -> Iterator[duckdb.DuckDBPyConnection]:
    """A cursor in a read-only transaction, interrupted when the time is up.

    Raises:
        RefusedQueryError: the query took longer, or failed; the message is DuckDB's own.
    """
    with warehouse.cursor() as cursor:
        cursor.execute("BEGIN TRANSACTION READ ONLY").fetchall()
        with time_limit(cursor, time_limit_s):
            yield cursor


@contextmanager
def time_limit(cursor: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """Interrupt what the cursor does when the time is up.

    Raises:
        RefusedQueryError: it was, or the query failed; the message is DuckDB's own.
    """
    timer = threading.Timer(seconds, cursor.interrupt)
    timer.start()
    try:
        yield
    except duckdb.InterruptException as error:
        raise RefusedQueryError(
            f"The query took longer than {seconds:g} s and was stopped; ask for less of the log."
        ) from error
    except duckdb.Error as error:
        raise RefusedQueryError(f"The query failed: {_first_line(error)}") from error
    finally:
        timer.cancel()
        timer.join()


def _parse(warehouse: Warehouse, query: str) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads(read_rows(warehouse, "SELECT json_serialize_sql(?)", [query])[0][0])
    if tree.get("error_type") == "not implemented":
        raise RefusedQueryError(f"'{query.strip()[:40]}' cannot be used, expected one SELECT, without PIVOT.")
    if tree["error"]:
        raise RefusedQueryError(f"The SQL cannot be read: {tree['error_message']}.{_place(query, tree)}")
    if len(tree["statements"]) != 1:
        raise RefusedQueryError(f"There are {len(tree['statements'])} statements, expected one SELECT.")
    return tree


def _place(query: str, tree: Mapping[str, Any]) -> str:
    position = str(tree.get("position") or "")
    if not position.isdigit() or int(position) >= len(query):
        return ""
    rest = query[int(position) :].removesuffix(f"\n){_AS}")
    return f" It stops at '{rest[:30].strip()}'." if rest and rest != f"){_AS}" else " It stops at its end."


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _nodes(inner)


def _entries(node: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The names that a WITH clause gives."""
    named = node.get("cte_map")
    return list(named["map"]) if isinstance(named, dict) else []


def _check(node: Mapping[str, Any], tables: set[str], functions: set[str]) -> None:
    source = node.get("from_table")
    for part in (source, node.get("left"), node.get("right")):
        if isinstance(part, dict) and "class" not in part and part.get("type") not in _PLAIN_SOURCES | _PLAIN_NODES:
            raise RefusedQueryError(f"A query may not read from {part.get('type')}, expected a table or a subquery.")
    if node.get("type") == "BASE_TABLE":
        _check_table(node, tables)
    if node.get("type") == "TABLE_FUNCTION":
        name = str(node["function"].get("function_name")).lower()
        if name not in TABLE_FUNCTIONS:
            raise RefusedQueryError(f"'{name}' may not be read from, expected one of {', '.join(TABLE_FUNCTIONS)}.")
    elif node.get("type") == "FUNCTION" and node.get("class") == "FUNCTION":
        name = str(node.get("function_name")).lower()
        if name not in functions:
            raise RefusedQueryError(f"The function '{name}' may not be used: it is unknown, or has side effects.")
    elif node.get("class") == "PARAMETER":
        raise RefusedQueryError("A query may not hold a '?' or '$' to be filled in, expected the value itself.")


def _check_table(node: Mapping[str, Any], tables: set[str]) -> None:
    name = str(node.get("table_name"))
    if node.get("schema_name") or node.get("catalog_name") or name.lower() not in tables:
        whole = ".".join(part for part in (node.get("catalog_name"), node.get("schema_name"), name) if part)
        raise RefusedQueryError(f"The table '{whole}' may not be read, expected one of {', '.join(sorted(tables))}.")


def _harmless_functions(warehouse: Warehouse) -> set[str]:
    query = """
        SELECT function_name FROM duckdb_functions() WHERE function_type IN ('scalar', 'aggregate')
        GROUP BY function_name HAVING bool_and(stability = 'CONSISTENT')
    """
    return {str(name) for (name,) in read_rows(warehouse, query)} | {*_TOLD_APART, *TABLE_FUNCTIONS}


def _first_line(error: Exception) -> str:
    return str(error).split("\n")[0]
