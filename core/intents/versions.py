"""The versions of the taxonomy: an append-only journal of what it was, who changed it, when and how."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from core.errors import InvalidTaxonomyError, NotFoundError
from core.intents.editing import Edit, Replace, apply_all, decided_by, describe
from core.intents.intent import Guideline, Intent, Taxonomy, stands_for
from core.store.frames import read_rows
from core.store.warehouse import Warehouse

_BARE = "before"
_COLUMNS = "version, guideline_version, author, created_at, acts"
_INTENTS = """
    SELECT intent_id, key, name, definition, color, color_dark, active, merged_into, split_into, guideline FROM intents
    WHERE taxonomy_version = ? ORDER BY place
"""


@dataclass(frozen=True)
class Version:
    """One state of the taxonomy. `acts`: the edits that led to it, as `editing.describe` tells them.

    guideline_version: the version in which what annotators decide by changed last; annotations carry it.
    created_at: None where the version is older than this journal.
    """

    number: int
    guideline_version: int
    author: str
    created_at: datetime | None
    acts: tuple[dict[str, Any], ...]

    @property
    def is_bare(self) -> bool:
        """Whether it was made before there were guidelines."""
        return any(act["kind"] == _BARE for act in self.acts)

    @property
    def changes_guidelines(self) -> bool:
        return self.guideline_version == self.number


Change = Callable[[Version | None, Taxonomy], tuple[Taxonomy, list[dict[str, Any]]] | None]
"""From the newest version (None at first) and its taxonomy to the next one and the acts; None changes nothing."""


def newest_version(warehouse: Warehouse) -> Version | None:
    """The version that holds now; None before the first use."""
    with warehouse.cursor() as cursor:
        return _newest(cursor)


def list_versions(warehouse: Warehouse) -> list[Version]:
    """All versions, the newest first."""
    query = f"SELECT {_COLUMNS} FROM taxonomy_versions ORDER BY version DESC"
    return [_version(row) for row in read_rows(warehouse, query)]


def taxonomy_at(warehouse: Warehouse, number: int) -> Taxonomy:
    """The taxonomy as it was in a version.

    Raises:
        NotFoundError: there is no such version.
    """
    with warehouse.cursor() as cursor:
        taxonomy = _taxonomy(cursor, number)
    if not taxonomy:
        raise NotFoundError(f"There is no version {number} of the taxonomy; the history lists those there are.")
    return taxonomy


def edit_taxonomy(warehouse: Warehouse, edits: Sequence[Edit], *, author: str) -> Version:
    """Make edits on what the taxonomy is now, as one new version; durable when this returns.

    Raises:
        InvalidTaxonomyError: nobody is named, or an edit cannot be made; nothing is changed.
    """
    if not author.strip():
        raise InvalidTaxonomyError("The author is empty, expected the name of whoever edits.")
    acts = [describe(edit) for edit in edits]
    return append_version(warehouse, lambda _, taxonomy: (apply_all(taxonomy, edits), acts), author.strip())


def restore_version(warehouse: Warehouse, number: int, *, author: str) -> Version:
    """An earlier version again, as a new one; intents made since stay, retired.

    Raises:
        NotFoundError: there is no such version.
        InvalidTaxonomyError: nobody is named.
    """
    return edit_taxonomy(warehouse, [Replace(taxonomy_at(warehouse, number), str(number))], author=author)


def append_version(warehouse: Warehouse, change: Change, author: str) -> Version:
    """Add the next version, made from the newest within the transaction; returns the one that holds then."""
    now = warehouse.clock()

    def write(cursor: duckdb.DuckDBPyConnection) -> Version:
        newest = _newest(cursor)
        before = _taxonomy(cursor, newest.number) if newest else ()
        made = change(newest, before)
        if made is None:
            if newest is None:
                raise InvalidTaxonomyError("There is no taxonomy yet, expected its first version.")
            return newest
        taxonomy, acts = made
        number = newest.number + 1 if newest else 1
        guides = newest is None or decided_by(before) != decided_by(taxonomy)
        version = Version(number, number if guides else newest.guideline_version, author, now, tuple(acts))  # type: ignore[union-attr]  # there is one
        _insert(cursor, version, taxonomy)
        warehouse.changed("taxonomy")
        return version

    return warehouse.write(write)


def _insert(cursor: duckdb.DuckDBPyConnection, version: Version, taxonomy: Taxonomy) -> None:
    ends = stands_for(taxonomy)
    for place, intent in enumerate(taxonomy):
        row = [version.number, place, *_row(intent), ends[intent.id]]
        cursor.execute(f"INSERT INTO intents VALUES ({', '.join('?' * len(row))})", row).fetchall()
    cursor.execute(
        f"INSERT INTO taxonomy_versions ({_COLUMNS}) VALUES (?, ?, ?, ?, ?)",
        [version.number, version.guideline_version, version.author, version.created_at, _json(list(version.acts))],
    ).fetchall()


def _newest(cursor: duckdb.DuckDBPyConnection) -> Version | None:
    query = f"SELECT {_COLUMNS} FROM taxonomy_versions ORDER BY version DESC LIMIT 1"
    rows = cursor.execute(query).fetchall()
    return _version(rows[0]) if rows else None


def _taxonomy(cursor: duckdb.DuckDBPyConnection, number: int) -> Taxonomy:
    return tuple(_intent(row) for row in cursor.execute(_INTENTS, [number]).fetchall())


def _version(row: tuple[Any, ...]) -> Version:
    number, guideline_version, author, created_at, acts = row
    return Version(number, guideline_version, author, created_at, tuple(json.loads(acts)))


def _row(intent: Intent) -> list[Any]:
    return [
        intent.id,
        intent.key,
        _json(intent.name),
        _json(intent.definition),
        intent.color,
        intent.color_dark,
        intent.active,
        intent.merged_into,
        _json(list(intent.split_into)),
        _json(intent.guideline.to_record()),
    ]


def _intent(row: tuple[Any, ...]) -> Intent:
    intent_id, key, name, definition, color, color_dark, active, merged_into, split_into, guideline = row
    return Intent(
        intent_id,
        key,
        json.loads(name),
        json.loads(definition),
        color,
        color_dark,
        active,
        merged_into,
        tuple(json.loads(split_into or "[]")),
        Guideline.from_record(json.loads(guideline or "{}")),
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
