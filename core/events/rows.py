"""The rows of a frame as plain dictionaries."""

from typing import Any

import pandas as pd


def plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """One dictionary a row by column name, what is missing as None; times are pandas' Timestamps.

    Column by column: as one table of objects a short frame of many columns takes several times as long.
    """
    names = [str(name) for name in frame.columns]
    columns = [_plain(column) for _, column in frame.items()]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def _plain(column: "pd.Series[Any]") -> list[Any]:
    missing = column.isna().tolist()
    return [None if gone else value for value, gone in zip(column.tolist(), missing, strict=True)]
