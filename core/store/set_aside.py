"""Posts that were acknowledged from the commit log and that the warehouse would not take: kept until somebody decides.

In `<home>/commit-log/set-aside` each is a file NUMBER.record, as the log had it, and NUMBER.json, which says when and
why and how to read it. What is put away moves to the folder `put-away` there.
"""

import base64
import json
import logging
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from core.errors import WarehouseWriteError
from core.events.cleaning import ITEM_TEXTS
from core.events.schema import EVENT_COLUMNS
from core.files import replacing
from core.store.arrival_record import decode, head_of_records
from core.store.collect_queries import Arrival, store_arrival
from core.store.commit_log import Record
from core.store.warehouse import Warehouse

_log = logging.getLogger(__name__)

_deciding = threading.Lock()
"""Held by whoever moves, deletes or reads whole posts: two people may press at the same time."""


@dataclass(frozen=True)
class SetAside:
    """at: when it was set aside, naive UTC; reason: the error, empty where it was not noted; events, refused: messages
    of the post that became events and that did not, None where the note is missing."""

    number: int
    at: datetime
    reason: str
    events: int | None
    refused: int | None


@dataclass(frozen=True)
class StoredAgain:
    """How many posts were taken at last, and how many still were not."""

    stored: int
    left: int


def set_aside(warehouse: Warehouse, record: Record, error: BaseException) -> None:
    """Keep a post that cannot be stored, which was acknowledged, for somebody to look at."""
    path = _folder(warehouse) / f"{record.sequence}.record"
    with replacing(path) as part:
        part.write_bytes(record.payload)
    _note(path, _about(record) | {"at": warehouse.clock().isoformat(), "reason": _reason(error)})
    _log.error("A logged post could not be stored; it is kept in '%s'. The error was: %s", path, error, exc_info=error)


def list_set_aside(warehouse: Warehouse) -> list[SetAside]:
    """All posts that are set aside, the newest first."""
    posts = [post for path in _records(warehouse) if (post := _read(path)) is not None]
    return sorted(posts, key=lambda post: (post.at, post.number), reverse=True)


def set_aside_rows(warehouse: Warehouse) -> list[dict[str, Any]]:
    """The events of all of them as rows that an import takes, with what was told of their items; a post that cannot be
    read has none."""
    with _deciding:
        found = [_readable(path) for path in sorted(_records(warehouse), key=_number)]
    return [row for arrival in found if arrival is not None for row in _rows(arrival)]


def store_again(warehouse: Warehouse) -> StoredAgain:
    """Store what is set aside, each post for itself; one that is taken is set aside no more.

    Events that are stored meanwhile, by an import of `set_aside_rows` above all, are not stored twice.

    Raises:
        WarehouseWriteError: the disk refused; what is left stays set aside.
    """
    with _deciding:
        taken = [_store(warehouse, path) for path in sorted(_records(warehouse), key=_number)]
    return StoredAgain(sum(taken), len(taken) - sum(taken))


def put_away(warehouse: Warehouse) -> tuple[int, ...]:
    """Take all posts off the list; returns their numbers. Their files are kept."""
    with _deciding:
        numbers = tuple(_number(path) for path in _records(warehouse))
        _move(numbers, _folder(warehouse), _away(warehouse))
    return numbers


def bring_back(warehouse: Warehouse, numbers: Iterable[int]) -> None:
    """Undo `put_away`."""
    with _deciding:
        _move(numbers, _away(warehouse), _folder(warehouse))


def _folder(warehouse: Warehouse) -> Path:
    return warehouse.settings.commit_log_folder / "set-aside"


def _away(warehouse: Warehouse) -> Path:
    return _folder(warehouse) / "put-away"


def _records(warehouse: Warehouse) -> list[Path]:
    return list(_folder(warehouse).glob("*.record"))


def _number(path: Path) -> int:
    return int(path.stem)


def _about(record: Record) -> dict[str, Any]:
    about: dict[str, Any] = {"head": base64.b64encode(record.head).decode()}
    arrival = _decoded(record.payload, record.head)
    if arrival is not None:
        about |= {"events": len(arrival.events), "refused": len(arrival.rejected)}
    return about


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _note(record: Path, about: Mapping[str, Any]) -> None:
    with replacing(record.with_suffix(".json")) as part:
        part.write_text(json.dumps(about), encoding="utf-8")


def _noted(record: Path) -> dict[str, Any]:
    """What was noted of a record; nothing where a crash came between the two files."""
    try:
        return dict(json.loads(record.with_suffix(".json").read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}


def _read(record: Path) -> SetAside | None:
    """None where it is gone by now."""
    noted = _noted(record)
    try:
        at = _set_aside_at(record, noted)
    except FileNotFoundError:
        return None
    return SetAside(_number(record), at, noted.get("reason", ""), noted.get("events"), noted.get("refused"))


def _set_aside_at(record: Path, noted: Mapping[str, Any]) -> datetime:
    if "at" in noted:
        return datetime.fromisoformat(noted["at"])
    return datetime.fromtimestamp(record.stat().st_mtime, UTC).replace(tzinfo=None)


def _readable(record: Path) -> Arrival | None:
    """The arrival of a record by the head noted with it, else by today's; None where it cannot be read."""
    noted = _noted(record)
    head = base64.b64decode(noted["head"]) if "head" in noted else head_of_records()
    return _decoded(record.read_bytes(), head)


def _decoded(payload: bytes, head: bytes) -> Arrival | None:
    try:
        return decode(payload, head)
    except Exception as error:  # a record that cannot be read is why it may be here: it is kept as it is
        _log.warning("A post of the commit log cannot be read: %s", error)
        return None


def _store(warehouse: Warehouse, record: Path) -> bool:
    """Whether the post is in the warehouse now; the reason is noted anew where it is not."""
    arrival = _readable(record)
    if arrival is None:
        return False

    def change(cursor: duckdb.DuckDBPyConnection) -> None:
        store_arrival(warehouse, cursor, arrival)
        warehouse.changed("visitors", arrival.events["visitor_id"].to_pylist())
        warehouse.changed("items", arrival.events["item_id"].drop_null().to_pylist())
        warehouse.changed("items", arrival.items["item_id"].to_pylist())

    try:
        warehouse.write(change)
    except WarehouseWriteError:
        raise
    except Exception as error:  # whatever it was, the next post is tried
        _log.error("A post that was set aside could still not be stored: '%s'.", record, exc_info=error)
        noted = _noted(record)
        _note(record, noted | {"at": _set_aside_at(record, noted).isoformat(), "reason": _reason(error)})
        return False
    _remove(record)
    return True


def _remove(record: Path) -> None:
    for path in (record, record.with_suffix(".json")):
        path.unlink(missing_ok=True)


def _move(numbers: Iterable[int], start: Path, end: Path) -> None:
    end.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        for name in (f"{number}.json", f"{number}.record"):
            if (start / name).is_file():
                (start / name).replace(end / name)


def _rows(arrival: Arrival) -> list[dict[str, Any]]:
    told = {item["item_id"]: item for item in arrival.items.to_pylist()}
    rows = []
    for event in arrival.events.to_pylist():
        item = told.get(event["item_id"], {})
        row = {name: event[name] for name in EVENT_COLUMNS} | {name: item.get(name) for name in ITEM_TEXTS}
        rows.append({name: value for name, value in row.items() if value is not None})
    return rows
