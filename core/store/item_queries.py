"""The items the shop sells, as learned from events and feeds."""

from collections.abc import Sequence

import pandas as pd

from core.events.schema import ITEM_COLUMNS
from core.store.frames import read_frame
from core.store.warehouse import Warehouse

_COLUMNS = ", ".join(ITEM_COLUMNS)


def items(warehouse: Warehouse, item_ids: Sequence[str] | None = None) -> pd.DataFrame:
    """All items, or those with the given ids; columns as ITEM_COLUMNS."""
    if item_ids is None:
        return read_frame(warehouse, f"SELECT {_COLUMNS} FROM items ORDER BY item_id")
    query = f"SELECT {_COLUMNS} FROM items WHERE item_id IN (SELECT unnest(?::VARCHAR[])) ORDER BY item_id"
    return read_frame(warehouse, query, [list(item_ids)])
