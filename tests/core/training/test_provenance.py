"""A model names the code that made it: the release, in a checkout the commit, and whether it was edited."""

import subprocess
from pathlib import Path

from core.training.provenance import LIBRARIES, code_version, library_versions


def _git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_the_commit_follows_the_release_and_an_edit_shows(tmp_path: Path) -> None:
    released = code_version(tmp_path)
    assert "+g" not in released
    _git(tmp_path, "init")
    (tmp_path / "code.py").write_text("1\n")
    _git(tmp_path, "add", "code.py")
    _git(tmp_path, "commit", "-m", "one")
    commit = _git(tmp_path, "rev-parse", "--short=12", "HEAD")
    assert code_version(tmp_path) == f"{released}+g{commit}"
    (tmp_path / "code.py").write_text("2\n")
    assert code_version(tmp_path) == f"{released}+g{commit}.changed"


def test_every_library_has_a_version() -> None:
    found = library_versions()
    assert set(found) == {"python", *LIBRARIES}
    assert "unknown" not in found.values()
