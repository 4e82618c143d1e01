"""Write keys: what a tracker shows to be let in; several, each the name of a source, hashed and revocable.

They live in a file beside the warehouse, so that the command line makes and revokes them while a server runs; the
server notices within a second, and who changes the file holds its lock. A key is 192 random bits, so one round of
SHA-256 hides it well (no dictionary helps).
"""

import hashlib
import json
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from core.errors import InvalidWriteKeyError, NotFoundError
from core.files import locked, replacing
from core.store.replay_queries import REPLAY_SOURCE

FILE_NAME = "write_keys.json"
LONGEST_SOURCE = 60
LOOK_EVERY_S = 1.0
"""How long a revoked key may still be taken."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WriteKey:
    """One key without its secret. `events_per_second` 0: the setting's."""

    key_id: str
    source: str
    key_hash: str
    created_at: str
    events_per_second: int = 0
    revoked_at: str | None = None


class WriteKeys:
    """The keys of a data folder as the server sees them."""

    def __init__(self, home: Path) -> None:
        self._path = home / FILE_NAME
        self._lock = threading.Lock()
        self._looked_at = 0.0
        self._version: tuple[int, int] | None = None
        self._by_hash: dict[str, WriteKey] | None = None

    def any(self) -> bool:
        """Whether a key was ever made: from then on, trackers without one are refused. Raises as `find`."""
        return bool(self._keys())

    def find(self, given: str) -> WriteKey | None:
        """The key of this secret, if it is not revoked.

        Raises:
            InvalidWriteKeyError: the file is damaged and was never read, so that nobody knows who may come in.
        """
        key = self._keys().get(_hash(given))
        return key if key is not None and key.revoked_at is None else None

    def _keys(self) -> dict[str, WriteKey]:
        with self._lock:
            now = time.monotonic()
            if self._by_hash is None:
                self._looked_at, self._version = now, _version(self._path)
                self._by_hash = self._read()
            elif now - self._looked_at >= LOOK_EVERY_S:
                self._looked_at = now
                self._look_again(self._by_hash)
            return self._by_hash

    def _look_again(self, known: dict[str, WriteKey]) -> None:
        """What was damaged meanwhile keeps nobody out, and nobody new in."""
        version = _version(self._path)
        if version == self._version:
            return
        self._version = version
        try:
            self._by_hash = self._read()
        except InvalidWriteKeyError as error:
            self._by_hash = known
            _log.error("The write keys read before go on to count: %s", error)

    def _read(self) -> dict[str, WriteKey]:
        return {key.key_hash: key for key in list_write_keys(self._path.parent)}


def list_write_keys(home: Path) -> list[WriteKey]:
    """All keys, oldest first, the revoked among them.

    Raises:
        InvalidWriteKeyError: the file is damaged.
    """
    path = home / FILE_NAME
    if not path.is_file():
        return []
    try:
        return [WriteKey(**record) for record in json.loads(path.read_text(encoding="utf-8"))]
    except (ValueError, TypeError) as error:
        raise InvalidWriteKeyError(
            f"'{path}' cannot be read: {error}. Mend or delete it, then make new keys by `intentlens keys create`."
        ) from error


def create_write_key(home: Path, source: str, *, now: datetime, events_per_second: int = 0) -> tuple[WriteKey, str]:
    """Make a key; its secret is returned here and never again.

    Raises:
        InvalidWriteKeyError: the source is empty, too long or the replays' own, or the rate negative.
    """
    source = source.strip()
    if not 0 < len(source) <= LONGEST_SOURCE or not source.isprintable():
        raise InvalidWriteKeyError(f"The source is '{source[:80]}', expected 1 to {LONGEST_SOURCE} printable letters.")
    if source.casefold() == REPLAY_SOURCE:
        raise InvalidWriteKeyError(
            f"The source is '{source}', by which replayed events are known: no model learns from these, and they are "
            "removed together. Choose another name."
        )
    if events_per_second < 0:
        raise InvalidWriteKeyError(f"The rate is '{events_per_second}', expected events per second, or 0 for none.")
    secret = secrets.token_urlsafe(24)
    key = WriteKey(
        key_id=f"key-{secrets.token_hex(4)}",
        source=source,
        key_hash=_hash(secret),
        created_at=_told(now),
        events_per_second=events_per_second,
    )
    with locked(home / FILE_NAME):
        _save(home, [*list_write_keys(home), key])
    return key, secret


def revoke_write_key(home: Path, key_id: str, *, now: datetime) -> WriteKey:
    """Let nobody in by this key any more; a second time changes nothing.

    Raises:
        NotFoundError: there is no such key.
    """
    return _replace(home, key_id, lambda key: key if key.revoked_at else replace(key, revoked_at=_told(now)))


def restore_write_key(home: Path, key_id: str) -> WriteKey:
    """Take a key's revocation back: its trackers are let in again.

    Raises:
        NotFoundError: there is no such key.
    """
    return _replace(home, key_id, lambda key: replace(key, revoked_at=None))


def _replace(home: Path, key_id: str, change: Callable[[WriteKey], WriteKey]) -> WriteKey:
    with locked(home / FILE_NAME):
        keys = list_write_keys(home)
        found = next((key for key in keys if key.key_id == key_id), None)
        if found is None:
            raise NotFoundError(f"There is no write key '{key_id}'; `intentlens keys list` shows those there are.")
        changed = change(found)
        if changed != found:
            _save(home, [changed if key is found else key for key in keys])
        return changed


def _told(now: datetime) -> str:
    return now.isoformat(timespec="seconds")


def _save(home: Path, keys: Sequence[WriteKey]) -> None:
    """Replace the file in one step, readable by its owner only; the caller has read the keys under the file's lock."""
    records: list[dict[str, Any]] = [asdict(key) for key in keys]
    with replacing(home / FILE_NAME) as part:
        opened = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8") as file:
            json.dump(records, file, indent=1)


def _version(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_ino


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
