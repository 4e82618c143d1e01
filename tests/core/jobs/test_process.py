"""Who works at a run folder: read at any moment, by whoever asks, while it is written down."""

import os
import threading
from pathlib import Path

from core.jobs.process import PID_FILE, note_worker

TIMES = 2000


def test_it_is_never_seen_half_written(tmp_path: Path) -> None:
    """The server and the worker both note it, and the pages ask meanwhile."""
    note_worker(tmp_path, os.getpid())
    writing = threading.Thread(target=lambda: [note_worker(tmp_path, os.getpid()) for _ in range(TIMES)])
    writing.start()
    seen = set()
    while writing.is_alive():
        seen.add((tmp_path / PID_FILE).read_text(encoding="utf-8"))
    writing.join()
    assert seen == {str(os.getpid())}
    assert [path.name for path in tmp_path.iterdir()] == [PID_FILE]
