"""Starting a job's process and telling whether it still lives, also after the server that started it was killed."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import psutil

WORKER = "core.jobs.worker"
PID_FILE = "worker.pid"
ROOT = Path(__file__).resolve().parents[2]


def start_worker(folder: Path, threads: int) -> None:
    """Start the worker of a run folder, independent of this process; its pid is kept in the folder."""
    environment = os.environ | {
        "OMP_NUM_THREADS": str(threads),
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_OFFLINE": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
    }
    with (folder / "log.txt").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603  our own interpreter and module
            [sys.executable, "-m", WORKER, str(folder)],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
        )
    note_worker(folder, process.pid)
    _wait_behind(process)


def note_worker(folder: Path, pid: int) -> None:
    """Write down who works at a run folder: the server does, and the worker itself, lest the server die before.

    Whole or not at all: a file seen empty would tell of a worker that died.
    """
    temporary = folder / f"{PID_FILE}.{os.getpid()}"
    temporary.write_text(str(pid), encoding="utf-8")
    temporary.replace(folder / PID_FILE)


def forget_worker(folder: Path) -> None:
    """Before a run starts anew."""
    (folder / PID_FILE).unlink(missing_ok=True)


def was_started(folder: Path) -> bool:
    """Whether a worker ever began."""
    return (folder / PID_FILE).exists()


def _wait_behind(process: "subprocess.Popen[bytes]") -> None:
    """Take the job's exit code when it ends, so that it stays no zombie; a job may outlive this process."""
    threading.Thread(target=process.wait, name=f"job-{process.pid}", daemon=True).start()


def is_alive(folder: Path) -> bool:
    """Whether the run folder's worker still runs; its pid alone would not tell, the system uses pids again."""
    pid = _read_pid(folder)
    if pid is None:
        return False
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and str(folder) in process.cmdline()
    except psutil.Error:
        return False


def terminate(folder: Path) -> None:
    """Ask the run folder's worker to stop by SIGTERM, if it still lives."""
    pid = _read_pid(folder)
    if pid is not None and is_alive(folder):
        psutil.Process(pid).terminate()


def _read_pid(folder: Path) -> int | None:
    try:
        return int((folder / PID_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
