"""A report as PDF, printed by a Chromium of this machine without a network and within a time limit."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from core.errors import MissingPackageError

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
)
LIMIT_S = 60.0
_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--no-pdf-header-footer",
    "--disable-extensions",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=127.0.0.1:9",
)
"""No name is found and every connection goes to a closed port: the page asks for nothing, and neither may Chromium."""


def browser_path(names: Sequence[str] = BROWSERS) -> str | None:
    """The first browser that can print, or None."""
    return next((found for name in names if (found := shutil.which(name))), None)


def pdf_of(html: str, *, browser: str | None = None, limit_s: float = LIMIT_S) -> bytes:
    """The report on A4.

    Raises:
        MissingPackageError: there is no Chromium, or it did not print in time.
    """
    browser = browser or browser_path()
    if browser is None:
        raise MissingPackageError(
            f"There is no Chromium here to make a PDF (looked for {', '.join(BROWSERS)}). Install one, or take the "
            "HTML file and print it from any browser."
        )
    with tempfile.TemporaryDirectory(prefix="intentlens-report-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        source, target = folder / "report.html", folder / "report.pdf"
        source.write_text(html, encoding="utf-8")
        sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        about = [f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={target}", source.as_uri()]
        said = _run([browser, *_FLAGS, *sandbox, *about], limit_s)
        if not target.is_file():
            raise MissingPackageError(
                f"'{browser}' made no PDF within {limit_s:.0f} s: {said[-300:].strip() or 'it said nothing'}. Take the "
                "HTML file and print it from any browser."
            )
        return target.read_bytes()


def _run(command: Sequence[str], limit_s: float) -> str:
    """Run to the end or the limit, its children with it; what it said on stderr."""
    process = subprocess.Popen(  # noqa: S603 - a browser found by name, on a file of our own
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        return process.communicate(timeout=limit_s)[1].decode(errors="replace")
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # renderers outlive a parent that is killed alone
        return process.communicate()[1].decode(errors="replace") + " (stopped)"
