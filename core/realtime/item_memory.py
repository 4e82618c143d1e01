"""Items as the remembered visitors' streams have read them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from core.store.stream_queries import ITEM_COLUMNS, item_records
from core.store.warehouse import Warehouse

REMEMBERED = 50_000
"""Items remembered beside those that a remembered stream holds (some 20 MB)."""

Item = Mapping[str, Any]
UNKNOWN: Item = {}


class ItemMemory:
    """What is remembered of an item is what every remembered stream with it was computed from."""

    def __init__(self, warehouse: Warehouse, *, remembered: int = REMEMBERED) -> None:
        self._warehouse = warehouse
        self._items: dict[str, Item] = {}
        self._remembered = remembered

    def read(self, item_ids: Iterable[str]) -> dict[str, Item]:
        """The items; of unknown ones UNKNOWN."""
        wanted = set(item_ids)
        missing = [item_id for item_id in wanted if item_id not in self._items]
        if missing:
            found = item_records(self._warehouse, missing)
            self._items.update((item_id, found.get(item_id, UNKNOWN)) for item_id in missing)
        return {item_id: self._items[item_id] for item_id in wanted}

    def changed_among(self, item_ids: Iterable[str]) -> set[str]:
        """Read anew those of the items that are remembered; those that differ in what the model reads."""
        held = [item_id for item_id in set(item_ids) if item_id in self._items]
        if not held:
            return set()
        before = {item_id: self._items.pop(item_id) for item_id in held}
        now = self.read(held)
        return {item_id for item_id in held if now[item_id] != before[item_id]}

    def told_otherwise(self, told: Iterable[Mapping[str, Any]]) -> set[str]:
        """Ids of remembered items of which these rows (ITEM_SCHEMA) tell something that is not remembered."""
        return {
            row["item_id"]
            for row in told
            if (item := self._items.get(row["item_id"])) is not None
            and any(row[name] is not None and row[name] != item.get(name) for name in ITEM_COLUMNS)
        }

    def knows_all(self, item_ids: Iterable[str]) -> bool:
        """Whether all of them are remembered, and none as unknown."""
        return all(self._items.get(item_id, UNKNOWN) is not UNKNOWN for item_id in item_ids)

    def unknown_among(self, item_ids: Iterable[str]) -> set[str]:
        """Those that are remembered as unknown."""
        return {item_id for item_id in item_ids if self._items.get(item_id) is UNKNOWN}

    def shrink(self, in_use: Callable[[], set[str]]) -> None:
        """Forget what no stream holds, if too much is remembered."""
        if len(self._items) <= self._remembered:
            return
        kept = in_use()
        self._items = {item_id: item for item_id, item in self._items.items() if item_id in kept}
        self._remembered = max(REMEMBERED, 2 * len(self._items))

    def clear(self) -> None:
        """Forget everything; only when no stream is remembered."""
        self._items.clear()
