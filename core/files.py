"""Files and folders that are there whole or not at all, and outlast a power cut once somebody was told of them."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

UNFINISHED = ".part"
"""What the name of a file or folder that is being written ends in."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A place beside `path` to write a file or folder to; on leaving, what was written there takes the place of `path`.

    It is on the disk, name and all, before this returns. After an error nothing has changed. Who dies within leaves
    something UNFINISHED, which the next one clears away. Only one at a time may replace the same path.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}{UNFINISHED}")
    _remove(part)
    try:
        yield part
        _keep(part)
        if part.is_dir():
            _remove(path)  # a folder takes no other folder's place
        part.replace(path)
    except BaseException:
        _remove(part)
        raise
    sync(path.parent)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep all other processes and threads that ask for the same lock waiting: what is read within is what is replaced.

    The lock is a file beside `path`, which itself is replaced and would be another one after the wait. The system lets
    go of it when its holder dies.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(f"{path.name}.lock"), mode=0o600):
        yield


def _keep(path: Path) -> None:
    """Wait until a file, or all that is in a folder, is on the disk."""
    for inner in path.iterdir() if path.is_dir() else ():
        _keep(inner)
    sync(path)


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    if os.name == "nt" and path.is_dir():
        return  # Windows opens no folders, and keeps names by itself
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
