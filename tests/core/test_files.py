"""What is replaced is whole or as it was, also when its writer is killed; a lock keeps other processes waiting."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.files import locked, replacing


def test_a_file_takes_the_place_of_another(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "down.json"
    for text in ("old", "new"):
        with replacing(path) as part:
            part.write_text(text)
    assert path.read_text() == "new"
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_takes_the_place_of_another(tmp_path: Path) -> None:
    path = tmp_path / "model"
    for name in ("old", "new"):
        with replacing(path) as part:
            (part / "trace").mkdir(parents=True)
            (part / "trace" / name).write_text(name)
    assert [inner.name for inner in (path / "trace").iterdir()] == ["new"]
    assert list(tmp_path.iterdir()) == [path]


def test_all_is_on_the_disk_before_it_has_its_name_and_its_name_before_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, done = tmp_path / "model", []
    sync, replace = os.fsync, Path.replace

    def noted_sync(opened: int) -> None:
        done.append(Path(os.readlink(f"/proc/self/fd/{opened}")).name)
        sync(opened)

    def noted_replace(part: Path, target: Path) -> Path:
        done.append("replaced")
        return replace(part, target)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    with replacing(path) as part:
        part.mkdir()
        (part / "card.json").write_text("{}")
    assert done == ["card.json", "model.part", "replaced", tmp_path.name]


def test_after_an_error_everything_is_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text("old")

    def interrupted() -> None:
        with replacing(path) as part:
            part.write_text("ne")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


_DIE = """
import os, signal, sys
from pathlib import Path
from core.files import locked, replacing
path = Path(sys.argv[1])
with locked(path), replacing(path) as part:
    part.write_text("ne")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_who_is_killed_within_leaves_the_old_file_and_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text("old")
    assert subprocess.run([sys.executable, "-c", _DIE, str(path)], check=False).returncode == -signal.SIGKILL
    assert path.read_text() == "old"
    with locked(path), replacing(path) as part:
        assert not part.exists()
        part.write_text("new")
    assert path.read_text() == "new"


_HOLD = """
import sys
from pathlib import Path
from core.files import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
    Path(sys.argv[1]).write_text("by the first")
"""


def test_the_second_waits_for_the_first(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    command = [sys.executable, "-c", _HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdin is not None
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        first.stdin.write("go on\n")
        first.stdin.flush()
        asked_at = time.monotonic()
        with locked(path):
            assert path.read_text() == "by the first"
        assert time.monotonic() - asked_at < 60
        assert first.wait(60) == 0
