"""Write keys: shown once, hashed, revocable while a server reads them."""

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from core.collect import write_keys
from core.collect.write_keys import (
    FILE_NAME,
    WriteKeys,
    create_write_key,
    list_write_keys,
    restore_write_key,
    revoke_write_key,
)
from core.errors import InvalidWriteKeyError, NotFoundError

NOW = datetime(2026, 5, 4, 10, 0)


@pytest.fixture(autouse=True)
def look_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_keys, "LOOK_EVERY_S", 0.0)


def test_a_key_is_found_by_its_secret_and_kept_without_it(tmp_path: Path) -> None:
    seen = WriteKeys(tmp_path)
    assert not seen.any()
    key, secret = create_write_key(tmp_path, " web shop ", now=NOW, events_per_second=50)
    other, other_secret = create_write_key(tmp_path, "app", now=NOW)
    assert seen.find(secret) == key
    assert seen.find(other_secret) == other
    assert seen.find(secret[:-1]) is None
    assert (key.source, key.events_per_second, secret != other_secret) == ("web shop", 50, True)
    kept = (tmp_path / FILE_NAME).read_text(encoding="utf-8")
    assert secret not in kept
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o077 == 0


def test_a_revoked_key_opens_nothing_and_stays_listed(tmp_path: Path) -> None:
    seen = WriteKeys(tmp_path)
    key, secret = create_write_key(tmp_path, "web", now=NOW)
    assert seen.find(secret) is not None
    revoked = revoke_write_key(tmp_path, key.key_id, now=NOW)
    assert revoke_write_key(tmp_path, key.key_id, now=datetime(2027, 1, 1)) == revoked
    assert seen.find(secret) is None
    assert seen.any()  # the door stays closed
    assert list_write_keys(tmp_path) == [revoked]
    with pytest.raises(NotFoundError, match="'key-nothing'"):
        revoke_write_key(tmp_path, "key-nothing", now=NOW)


@pytest.mark.parametrize(("source", "rate"), [("", 0), ("x" * 61, 0), ("a\nb", 0), ("web", -1), (" Replay ", 0)])
def test_what_is_no_source_or_rate_is_refused(source: str, rate: int, tmp_path: Path) -> None:
    with pytest.raises(InvalidWriteKeyError):
        create_write_key(tmp_path, source, now=NOW, events_per_second=rate)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('[{"key": 1}]', encoding="utf-8")
    seen = WriteKeys(tmp_path)
    for _ in range(2):
        with pytest.raises(InvalidWriteKeyError, match=FILE_NAME.partition(".")[0]):
            seen.any()


def test_a_damaged_file_opens_the_door_to_nobody_between_two_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_keys, "LOOK_EVERY_S", 3600.0)
    (tmp_path / FILE_NAME).write_text("[{", encoding="utf-8")
    seen = WriteKeys(tmp_path)
    for ask in (seen.any, seen.any, lambda: seen.find("guessed")):
        with pytest.raises(InvalidWriteKeyError):
            ask()


def test_keys_read_before_the_file_was_damaged_go_on_to_count(tmp_path: Path) -> None:
    seen = WriteKeys(tmp_path)
    key, secret = create_write_key(tmp_path, "web", now=NOW)
    assert seen.find(secret) == key
    (tmp_path / FILE_NAME).write_text("[{", encoding="utf-8")
    assert seen.find(secret) == key
    assert seen.any()
    (tmp_path / FILE_NAME).write_text("[]", encoding="utf-8")
    assert not seen.any()


def test_a_revocation_can_be_taken_back(tmp_path: Path) -> None:
    seen = WriteKeys(tmp_path)
    key, secret = create_write_key(tmp_path, "web", now=NOW)
    revoke_write_key(tmp_path, key.key_id, now=NOW)
    assert seen.find(secret) is None
    assert restore_write_key(tmp_path, key.key_id) == key
    assert restore_write_key(tmp_path, key.key_id) == key
    assert seen.find(secret) == key
    with pytest.raises(NotFoundError):
        restore_write_key(tmp_path, "key-none")


_MAKE_MANY = """
import sys
from datetime import datetime
from pathlib import Path
from core.collect.write_keys import create_write_key, revoke_write_key
for number in range(50):
    key, _ = create_write_key(Path(sys.argv[1]), f"{sys.argv[2]}-{number}", now=datetime(2026, 5, 4))
    if number % 10 == 0:
        revoke_write_key(Path(sys.argv[1]), key.key_id, now=datetime(2026, 5, 5))
"""


def test_two_processes_that_make_keys_at_once_lose_none(tmp_path: Path) -> None:
    both = [subprocess.Popen([sys.executable, "-c", _MAKE_MANY, str(tmp_path), name]) for name in ("server", "console")]
    assert [process.wait(120) for process in both] == [0, 0]
    made = [key.source for key in list_write_keys(tmp_path)]
    assert sorted(made) == sorted(f"{name}-{number}" for name in ("server", "console") for number in range(50))
    assert sum(key.revoked_at is not None for key in list_write_keys(tmp_path)) == 10
    assert sorted(path.name for path in tmp_path.iterdir()) == [FILE_NAME, f"{FILE_NAME}.lock"]
