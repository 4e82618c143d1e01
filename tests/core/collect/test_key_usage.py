"""Counts of the last minute and hour for each sender."""

from datetime import datetime, timedelta

from core.collect.key_usage import KeyUsage

NOW = datetime(2026, 5, 4, 10, 0, 30)


def test_a_sender_that_sent_nothing_has_no_usage() -> None:
    assert KeyUsage().of("key-1", NOW) is None


def test_minutes_add_up_and_an_hour_is_forgotten() -> None:
    usage = KeyUsage()
    for minutes_ago in range(90, -1, -1):
        usage.note("key-1", 2, NOW - timedelta(minutes=minutes_ago))
        usage.note("key-1", 1, NOW - timedelta(minutes=minutes_ago) + timedelta(seconds=9))
    usage.note("key-2", 500, NOW)
    found = usage.of("key-1", NOW + timedelta(seconds=10))
    assert found is not None
    assert (found.last_minute, found.last_hour, found.last_used_at) == (3, 180, NOW + timedelta(seconds=9))


def test_the_last_minute_of_a_sender_that_stopped_is_empty() -> None:
    usage = KeyUsage()
    usage.note("key-1", 5, NOW)
    found = usage.of("key-1", NOW + timedelta(minutes=30))
    assert found is not None
    assert (found.last_minute, found.last_hour) == (0, 5)
