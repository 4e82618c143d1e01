"""Rows are plain values, whatever kinds of columns a frame has."""

from datetime import datetime

import numpy as np
import pandas as pd

from core.events.rows import plain_rows


def test_rows_are_plain_and_what_is_missing_is_none() -> None:
    at = datetime(2026, 3, 2, 10)
    frame = pd.DataFrame(
        {
            "name": pd.Series(["mug", None], dtype="str"),
            "price": [9.5, np.nan],
            "count": pd.Series([3, None], dtype="Int64"),
            "at": pd.to_datetime([at, None]),
            "list": [[1, 2], None],
        }
    ).set_index(pd.Index([7, 7]))
    assert plain_rows(frame) == [
        {"name": "mug", "price": 9.5, "count": 3, "at": at, "list": [1, 2]},
        dict.fromkeys(frame.columns),
    ]
    assert type(plain_rows(frame)[0]["count"]) is int
    assert plain_rows(frame.head(0)) == []
