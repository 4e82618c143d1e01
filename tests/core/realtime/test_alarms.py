"""Alarms: quiet under streams that do not change, loud when something is planted, and kept."""

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from heapq import merge

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidAlarmError
from core.realtime import alarms as alarms_module
from core.realtime.alarm_rules import Finding, at_least_chance, at_most_chance, fisher_chance
from core.realtime.alarm_settings import AlarmSettings, alarm_settings
from core.realtime.alarm_state import BEGINS_AFTER, ENDS_AFTER, AlarmState
from core.realtime.alarms import Alarms
from core.realtime.presence import Presence, seconds_of
from core.settings import Settings
from core.store.alarm_queries import AlarmRow, append_alarm_settings, list_alarms
from core.store.warehouse import Warehouse
from tests.core.realtime.moments import START, MovedClock, update_of
from tests.core.realtime.shop_stream import Act, Shop, acts

T0 = seconds_of(START)
HOUR_S = 3600.0
SEEDS = (1, 2, 3)

Watch = Callable[[Iterable[Act], float], list[AlarmRow]]


@pytest.fixture
def watch(settings: Settings) -> Iterator[Watch]:
    """Lets the alarms watch a stream for so many hours, by a clock that the stream moves; returns what rang."""
    clock = MovedClock()
    warehouse = Warehouse.open(settings, clock=clock)

    def play(stream: Iterable[Act], hours: float) -> list[AlarmRow]:
        clock.now = START
        presence = Presence(clock)
        alarms = Alarms(warehouse, presence)
        next_s, end_s = T0 + 10, T0 + hours * HOUR_S
        waiting = iter(stream)
        act = next(waiting, None)
        while next_s <= end_s:
            while act is not None and act.at_s < next_s:
                clock.now = START + timedelta(seconds=act.at_s - T0)
                presence.on_updates([update_of(act.visitor_id, act.intent, act.event_type, abstained=act.unsure)])
                presence.on_stored(1)
                act = next(waiting, None)
            clock.now = START + timedelta(seconds=next_s - T0)
            alarms.judge()
            next_s += 10
        return list_alarms(warehouse)

    yield play
    warehouse.close()


@pytest.mark.parametrize(("rate", "hours"), [(1.0, 12), (10.0, 6)])
def test_nothing_rings_while_the_shop_stays_as_it_is(rate: float, hours: float, watch: Watch) -> None:
    """By tests/benchmarks/bench_live.py alarms less than once in a week of such streams; here twelve and six hours."""
    assert watch(acts(Shop(visitors_per_minute=rate), T0, T0 + hours * HOUR_S, seed=11), hours) == []


PLANTED = {
    "leaving": replace(Shop(), orders=0.0),
    "support": replace(Shop(), support=0.5),
    "unsure": replace(Shop(), unsure=0.95),
}


@pytest.mark.parametrize("rule", PLANTED)
def test_a_planted_change_rings_and_ends(rule: str, watch: Watch) -> None:
    usual, other = replace(Shop(), visitors_per_minute=20), replace(PLANTED[rule], visitors_per_minute=20)
    changes_s, back_s = T0 + HOUR_S, T0 + 1.4 * HOUR_S
    stream = merge(
        acts(usual, T0, changes_s, 1, "a"),
        acts(other, changes_s, back_s, 2, "b"),
        acts(usual, back_s, T0 + 2.5 * HOUR_S, 3, "c"),
    )
    rang = [row for row in watch(stream, 2.5) if row.rule == rule]
    assert len(rang) == 1
    (alarm,) = rang
    began_s = seconds_of(alarm.began_at)
    assert changes_s < began_s < changes_s + 20 * 60
    assert alarm.ended_at is not None
    assert back_s < seconds_of(alarm.ended_at) < back_s + 30 * 60
    assert alarm.ending == "calm"
    assert alarm.numbers["value"] > alarm.numbers["base"]


def test_a_silent_tracker_rings(watch: Watch) -> None:
    rang = watch(acts(Shop(visitors_per_minute=20), T0, T0 + HOUR_S, seed=4), 1.2)
    assert [row.rule for row in rang] == ["silence"]
    (alarm,) = rang
    assert seconds_of(alarm.began_at) - (T0 + HOUR_S) < 10 * 60


def test_what_rings_is_acknowledged_once_and_closed_by_a_restart(warehouse: Warehouse) -> None:
    presence = Presence(warehouse.clock)
    alarms = Alarms(warehouse, presence)
    alarms.change_settings(AlarmSettings(unsure_least=10))
    presence.on_updates([update_of(f"v{place}", "browse", abstained=True) for place in range(60)])
    for _ in range(BEGINS_AFTER):
        alarms.judge()
    (alarm,) = alarms.recent
    assert (alarm.rule, alarm.numbers["count"], alarm.ended_at) == ("unsure", 60, None)
    assert alarms.acknowledge(alarm.alarm_id)
    first = alarms.recent[0].acknowledged_at
    assert alarms.acknowledge(alarm.alarm_id)
    assert alarms.recent[0].acknowledged_at == first is not None
    assert not alarms.acknowledge("alarm-of-nobody")
    again = Alarms(warehouse, Presence(warehouse.clock))
    again.start()
    again.close()
    assert again.settings == AlarmSettings(unsure_least=10)
    assert [(row.alarm_id, row.ending) for row in again.recent] == [(alarm.alarm_id, "restart")]


def test_thresholds_out_of_range_are_refused_by_name() -> None:
    with pytest.raises(InvalidAlarmError, match=r"chance is '0\.5'"):
        alarm_settings({"chance": 0.5})
    with pytest.raises(InvalidAlarmError, match="'noise' is no alarm"):
        alarm_settings({"rules": ["noise"]})
    assert alarm_settings({"of another version": 1, "rules": ["unsure"]}) == AlarmSettings(rules=("unsure",))


def test_stored_thresholds_that_cannot_be_used_keep_no_server_from_starting(warehouse: Warehouse) -> None:
    append_alarm_settings(warehouse, {"chance": 7.0})
    assert Alarms(warehouse, Presence(warehouse.clock)).settings == AlarmSettings()


def _finding(value: float, *, over: bool) -> Finding:
    return Finding("leaving", value, 0.5, 10, 20, 50, 100, 1e-9, over)


def test_one_look_rings_nothing_and_a_flutter_ends_nothing() -> None:
    state, chosen = AlarmState(), AlarmSettings()

    def look(value: float, *, over: bool, at: float = 0) -> list[str | None]:
        return [change.ending for change in state.take({"leaving": _finding(value, over=over)}, chosen, at)]

    assert look(0.9, over=True) == []
    assert look(0.5, over=False) == []
    assert look(0.9, over=True) == []
    assert look(0.9, over=True) == [None]
    assert look(0.9, over=True) == []
    for _ in range(ENDS_AFTER - 1):
        assert look(0.5, over=False) == []
    assert look(0.6, over=False) == []  # more than half of the difference is left
    for _ in range(ENDS_AFTER - 1):
        assert look(0.5, over=False) == []
    assert look(0.5, over=False) == ["calm"]
    assert look(0.9, over=True) == look(0.5, over=False) == []


def test_what_is_switched_off_ends() -> None:
    state, chosen = AlarmState(), AlarmSettings()
    for _ in range(BEGINS_AFTER):
        state.take({"leaving": _finding(0.9, over=True)}, chosen, 0)
    assert [change.ending for change in state.take({}, chosen, 10)] == ["switched_off"]


@settings(deadline=None)
@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_fishers_chance_is_that_of_the_whole_table(left: int, ordered: int, left_before: int, before: int) -> None:
    from scipy.stats import fisher_exact

    expected = fisher_exact([[left, ordered], [left_before, before]], alternative="greater").pvalue
    assert fisher_chance(left, left + ordered, left_before, left_before + before) == pytest.approx(expected, abs=1e-9)


def test_small_numbers_do_not_shout() -> None:
    assert at_least_chance(3, 3, 0.2) > AlarmSettings().chance
    assert at_most_chance(0, 10, 0.2) > AlarmSettings().chance
    assert at_least_chance(0, 0, 0.2) == at_most_chance(0, 0, 0.2) == 1.0


def test_a_read_that_fails_while_the_file_is_opened_anew_ends_no_watch(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarms_module, "TALLY_S", 0.01)
    alarms, judged = Alarms(warehouse, Presence(warehouse.clock)), threading.Event()
    looks = iter([duckdb.FatalException("the database has been invalidated"), None])

    def judge() -> None:
        if (error := next(looks, None)) is not None:
            raise error
        judged.set()

    monkeypatch.setattr(alarms, "judge", judge)
    alarms.start()
    assert judged.wait(20)
    alarms.close()
