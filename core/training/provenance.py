"""By which code and which libraries a model was made."""

import platform
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIBRARIES: tuple[str, ...] = ("torch", "transformers", "tokenizers", "numpy", "scikit-learn")
_GIT_TIMEOUT_S = 5


def code_version(root: Path = ROOT) -> str:
    """The package's version; in a checkout with its commit, as 0.1.0+g374b323c0ffe, `.changed` if edited."""
    released = _version("intentlens")
    commit = _git(root, "rev-parse", "--short=12", "HEAD")
    if not commit:
        return released
    changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    return f"{released}+g{commit}" + (".changed" if changed else "")


def library_versions() -> dict[str, str]:
    """Versions of Python and of the libraries whose numbers the weights depend on."""
    return {"python": platform.python_version()} | {name: _version(name) for name in LIBRARIES}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def _git(root: Path, *arguments: str) -> str:
    """Git's answer, or nothing: no git, no checkout, or one that is not ours to read."""
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        return ""
    try:
        done = subprocess.run(  # noqa: S603  git with our own arguments
            [git, "-C", str(root), *arguments], capture_output=True, text=True, timeout=_GIT_TIMEOUT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
