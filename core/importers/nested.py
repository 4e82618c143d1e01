"""Nested values that a flat export (CSV, Parquet) carries as JSON text."""

import json
from collections.abc import Mapping
from typing import Any


def unpacked(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with every value that is JSON text of an object or list turned into it."""
    return {name: _value(value) for name, value in row.items()}


def _value(value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith(("{", "[")):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value
