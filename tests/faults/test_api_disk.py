"""A full and a slow disk under a real server: a clear 503 meanwhile, and it goes on by itself afterwards."""

import http.client
import json
import resource
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.api.collect import ANSWER_WITHIN_S
from tests.app.api.process import ServerProcess
from tests.faults.collecting import BATCH, assert_nothing_lost, messages

RECOVERY_S = 20


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: dict[str, Any]
    ids: list[str]
    took_s: float


def _send(server: ServerProcess, number: int, *, padding: int = 0) -> Answer:
    """One batch of BATCH events under ids of this number, each with so much text."""
    ids = [f"{number}-{place}" for place in range(BATCH)]
    batch = messages(number % 7, ids)
    for message in batch:
        message["properties"] = {"note": str(message["messageId"]) * padding}
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("POST", "/v1/batch", json.dumps({"batch": batch}))
    answer = connection.getresponse()
    headers = {name.lower(): value for name, value in answer.getheaders()}
    body = json.loads(answer.read())
    connection.close()
    return Answer(answer.status, headers, body, ids, time.monotonic() - began)


def _assert_come_back_later(answer: Answer, code: str) -> None:
    assert answer.status == 503, answer
    assert set(answer.body) == {"error"}
    assert answer.body["error"]["code"] == code
    assert answer.body["error"]["message"]
    assert int(answer.headers["retry-after"]) >= 1


def _send_until_taken(server: ServerProcess, number: int, *, padding: int = 0) -> Answer:
    deadline = time.monotonic() + RECOVERY_S
    while (answer := _send(server, number, padding=padding)).status != 200 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert answer.status == 200, (answer, server.log()[-2000:])
    return answer


def _limit_files(server: ServerProcess, limit_bytes: int) -> None:
    """No file of the server grows beyond this: to its writes, the disk is full there."""
    psutil.Process(server.process.pid).rlimit(psutil.RLIMIT_FSIZE, (limit_bytes, resource.RLIM_INFINITY))


@pytest.mark.fault
def test_a_full_disk_is_503_until_there_is_room_and_loses_nothing(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "home").start()
    acknowledged: list[str] = []
    try:
        answer = _send(server, 0)
        _limit_files(server, max(path.stat().st_size for path in server.home.glob("warehouse.duckdb*")) + 200_000)
        for number in range(1, 200):
            if answer.status != 200:
                break
            acknowledged += answer.ids
            answer = _send(server, number, padding=400)
        _assert_come_back_later(answer, "not_writable")
        _limit_files(server, resource.RLIM_INFINITY)
        acknowledged += _send_until_taken(server, 1000, padding=400).ids
    finally:
        server.end()
    assert acknowledged
    assert_nothing_lost(tmp_path / "home", acknowledged)


SLOW_DISK = r"""
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
static void wait_while_slow(void) { while (access(getenv("SLOW_DISK"), F_OK) == 0) usleep(20000); }
int fsync(int fd) { wait_while_slow(); return syscall(SYS_fsync, fd); }
int fdatasync(int fd) { wait_while_slow(); return syscall(SYS_fdatasync, fd); }
"""
"""Put before the C library: flushing to disk does not return while the file that SLOW_DISK names is there."""


@pytest.mark.fault
@pytest.mark.alone
@pytest.mark.skipif(shutil.which("gcc") is None, reason="a slow disk is simulated by a small C library")
def test_a_slow_disk_is_503_in_time_and_what_was_sent_is_there_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "slow.c").write_text(SLOW_DISK, encoding="utf-8")
    library, slow = tmp_path / "slow.so", tmp_path / "slow"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, tmp_path / "slow.c"], check=True)
    monkeypatch.setenv("LD_PRELOAD", str(library))
    monkeypatch.setenv("SLOW_DISK", str(slow))
    server = ServerProcess(tmp_path / "home").start()
    try:
        acknowledged = _send(server, 0).ids
        slow.touch()
        answer = _send(server, 1)
        _assert_come_back_later(answer, "slow")
        assert answer.took_s < ANSWER_WITHIN_S + 3
        slow.unlink()
        acknowledged += _send_until_taken(server, 1).ids
    finally:
        slow.unlink(missing_ok=True)
        server.end()
    assert_nothing_lost(tmp_path / "home", acknowledged)
