"""The commit log alone: what was appended is read back in order after any end, and its files do not grow for ever."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.store import commit_log
from core.store.commit_log import CommitLog, read_log, remove_log

ID, OTHER_ID = b"i" * 16, b"o" * 16
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.lists(st.binary(max_size=90), min_size=1, max_size=4)),
        st.tuples(st.just("apply"), st.integers(0, 6)),
        st.tuples(st.just("fail"), st.binary(min_size=1, max_size=90)),
    ),
    max_size=40,
)


@pytest.fixture(autouse=True)
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that files fill and turn over within a test."""
    monkeypatch.setattr(commit_log, "FILE_BYTES", 400)


@given(steps=STEPS)
def test_after_any_end_all_that_was_acknowledged_and_not_applied_is_read_in_order(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, object]]
) -> None:
    folder = tmp_path_factory.mktemp("log") / "commit-log"
    log = CommitLog(folder, ID, b"head")
    acknowledged: dict[int, bytes] = {}
    applied = 0
    for kind, told in steps:
        if kind == "append":
            last = log.append(told)
            acknowledged |= dict(zip(range(last - len(told) + 1, last + 1), told, strict=True))
        elif kind == "apply" and acknowledged:
            applied = max(applied, sorted(acknowledged)[min(told, len(acknowledged) - 1)])
            log.applied(applied)
            acknowledged = {sequence: kept for sequence, kept in acknowledged.items() if sequence > applied}
        elif kind == "fail":
            _append_but_fail(log, told)
    found = {record.sequence: record.payload for record in read_log(folder, ID) if record.sequence > applied}
    assert {sequence: found.get(sequence) for sequence in acknowledged} == acknowledged
    assert list(found) == sorted(found)
    assert all(record.head == b"head" for record in read_log(folder, ID))
    log.remove()
    assert not folder.exists()


def _append_but_fail(log: CommitLog, payload: bytes) -> None:
    """The bytes arrive, the flush does not."""

    def refuse(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(commit_log, "_flush", refuse)
        patch.setattr(os, "fsync", refuse)
        with pytest.raises(OSError, match="No space"):
            log.append([payload])


@pytest.mark.parametrize("cut", [1, 7, 8, 15, 23])
def test_a_torn_record_is_left_out_and_those_before_it_are_not(tmp_path: Path, cut: int) -> None:
    log = CommitLog(tmp_path, ID, b"head")
    log.append([b"first"])
    log.append([b"second!"])
    path = tmp_path / "a.log"
    written = path.read_bytes().rstrip(b"\0")
    path.write_bytes(written[:-cut].ljust(400, b"\0"))
    assert [record.payload for record in read_log(tmp_path, ID)] == [b"first"]


def test_another_warehouses_log_and_a_file_of_something_else_are_not_read(tmp_path: Path) -> None:
    CommitLog(tmp_path, ID, b"head").append([b"ours"])
    (tmp_path / "b.log").write_bytes(b"some text that is no log, long enough to have a head of one in it")
    assert read_log(tmp_path, OTHER_ID) == []
    assert [record.payload for record in read_log(tmp_path, ID)] == [b"ours"]
    remove_log(tmp_path)
    assert read_log(tmp_path, ID) == []


def test_files_take_turns_while_records_are_applied_and_grow_while_they_are_not(tmp_path: Path) -> None:
    log = CommitLog(tmp_path, ID, b"head")
    for _ in range(200):
        log.applied(log.append([b"x" * 50]))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 2 * 400
    kept = [log.append([b"y" * 50]) for _ in range(40)]
    assert [record.sequence for record in read_log(tmp_path, ID)][-40:] == kept
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) > 40 * 50
    log.applied(kept[-1])
    for _ in range(20):
        log.applied(log.append([b"z" * 50]))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 40 * 50 + 400


def test_sequences_go_on_after_the_newest_of_the_log_before(tmp_path: Path) -> None:
    last = CommitLog(tmp_path, ID, b"head").append([b"a", b"b"])
    assert CommitLog(tmp_path, ID, b"head", after=last).append([b"c"]) == last + 1
