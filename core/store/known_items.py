"""What the writer remembers of the table `items`, so that most events of known items need not touch it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from core.events.schema import ITEM_COLUMNS

MOST_IDS = 200_000
"""Item ids remembered as stored (some 20 MB); then the memory begins anew."""

MOST_ROWS = 20_000
"""Items of which the whole row is remembered (some 20 MB); then these begin anew."""

TOLD_AGAIN_AFTER = timedelta(minutes=10)
"""How far `updated_at` on disk may lag behind when an item is told again as it is stored."""

_VALUES = tuple(name for name in ITEM_COLUMNS if name not in {"item_id", "updated_at"})


class KnownItems:
    """Of the warehouse's one writer thread alone. It forgets when others change items and when a commit fails."""

    def __init__(self, *, most_ids: int = MOST_IDS, most_rows: int = MOST_ROWS) -> None:
        self._most_ids, self._most_rows = most_ids, most_rows
        self._ids: set[str] = set()
        self._rows: dict[str, Mapping[str, Any]] = {}
        self._told_at: dict[str, datetime] = {}  # of each of `_rows`, when it was last told, stored or not

    def has_all(self, item_ids: Iterable[str]) -> bool:
        """Whether all of these are surely stored."""
        return self._ids.issuperset(item_ids)

    def unknown_among(self, item_ids: Iterable[str]) -> list[str]:
        """Those that are not known to be stored."""
        return [item_id for item_id in item_ids if item_id not in self._ids]

    def unremembered_among(self, item_ids: Iterable[str]) -> list[str]:
        """Those whose row is not remembered."""
        return [item_id for item_id in item_ids if item_id not in self._rows]

    def add(self, item_ids: Collection[str]) -> None:
        """These are stored, by the change that says so or before."""
        if len(self._ids) + len(item_ids) > self._most_ids:
            self._ids.clear()
        self._ids.update(item_ids)

    def remember(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Take these rows of the table (by ITEM_COLUMNS) as they are after the change that says so."""
        if len(self._rows) + len(rows) > self._most_rows:
            self._rows.clear()
            self._told_at.clear()
        self.add([row["item_id"] for row in rows])
        for row in rows:
            item_id, at = row["item_id"], row["updated_at"]
            self._rows[item_id] = row
            if at is not None:
                self._told_at[item_id] = max(at, self._told_at.get(item_id, at))

    def news_of(self, told: Sequence[Mapping[str, Any]]) -> list[int]:
        """Places of the told rows (by ITEM_COLUMNS) that `merge_items` is needed for; the others change nothing."""
        if len({row["item_id"] for row in told}) < len(told):
            return list(range(len(told)))
        return [place for place, row in enumerate(told) if self._is_news(row)]

    def drop(self, item_ids: Iterable[str]) -> None:
        """Others have changed these."""
        for item_id in item_ids:
            self._ids.discard(item_id)
            self._rows.pop(item_id, None)
            self._told_at.pop(item_id, None)

    def clear(self) -> None:
        """Nothing is sure any more."""
        self._ids.clear()
        self._rows.clear()
        self._told_at.clear()

    def _is_news(self, told: Mapping[str, Any]) -> bool:
        item_id, at = told["item_id"], told["updated_at"]
        stored = self._rows.get(item_id)
        if stored is None or stored["updated_at"] is None or at is None:
            return True
        last_at = self._told_at[item_id]
        if at < last_at and stored["title"] is not None:  # older than what is stored, which wins
            return False
        if any(told[name] is not None and told[name] != stored[name] for name in _VALUES):
            return True
        self._told_at[item_id] = max(at, last_at)
        return bool(at - stored["updated_at"] > TOLD_AGAIN_AFTER)
