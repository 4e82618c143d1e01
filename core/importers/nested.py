"""Nested values as a flat export (CSV, Parquet) carries them: as JSON text, or spread over dotted columns."""

import json
import re
from collections.abc import Mapping
from typing import Any

_PARTS = re.compile(r"[^.\[\]]+")
_DEEPEST = 20


def unpacked(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with JSON text of objects and lists turned into them, and `context.page.url` into objects in objects.

    Numbers in a name count list places: `products.0.sku` and `products[0].sku` are the first product's. A column
    without a value is left out; one that does not fit beside another (`a` and `a.b`) keeps its dotted name.
    """
    nested: dict[str, Any] = {}
    dotted: dict[str, Any] = {}
    for name, value in row.items():
        if "." not in name and "[" not in name:
            nested[name] = _value(value)
        elif value is not None and value != "":
            dotted[name] = _value(value)
    if not dotted:
        return nested
    for name, value in dotted.items():
        if not _put(nested, _PARTS.findall(name), value):
            nested[name] = value
    roots = {_PARTS.findall(name)[0] for name in dotted if _PARTS.search(name)}
    return {name: _with_lists(value) if name in roots else value for name, value in nested.items()}


def _put(target: dict[str, Any], path: list[str], value: Any) -> bool:
    """Set a value deep inside; False where something else is in its way."""
    if not 0 < len(path) <= _DEEPEST:
        return False
    for part in path[:-1]:
        inner = target.get(part)
        if inner is None:
            inner = target[part] = {}
        if not isinstance(inner, dict):
            return False
        target = inner
    if target.get(path[-1]) is not None:
        return False
    target[path[-1]] = value
    return True


def _with_lists(value: Any) -> Any:
    """Objects whose names are all numbers as lists, at any depth."""
    if not isinstance(value, dict):
        return value
    inner = {name: _with_lists(part) for name, part in value.items()}
    if inner and all(name.isdecimal() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


def _value(value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith(("{", "[")):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value
