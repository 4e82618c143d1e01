"""The alarms of a running server: judged every ten seconds, whether a page is open or not, and kept."""

import logging
import threading
from copy import deepcopy

import duckdb

from core.clock import Clock
from core.errors import IntentLensError, InvalidAlarmError, WarehouseWriteError
from core.realtime.alarm_rules import Finding, Situation, findings
from core.realtime.alarm_settings import AlarmRule, AlarmSettings, alarm_settings
from core.realtime.alarm_state import AlarmState, Change
from core.realtime.presence import Presence
from core.realtime.tally import TALLY_S
from core.store.alarm_queries import (
    AlarmRow,
    acknowledge_alarm,
    append_alarm_settings,
    begin_alarm,
    end_alarms,
    list_alarms,
    newest_alarm_settings,
)
from core.store.warehouse import Warehouse

LEAST_BEFORE_S = 120
"""A window is compared with no less than this; a server that has just begun has nothing to compare with."""

LATELY_S = 60
SHOWN_ALARMS = 20

_log = logging.getLogger(__name__)


class Alarms:
    """One per server. Thread-safe."""

    def __init__(self, warehouse: Warehouse, presence: Presence) -> None:
        self._warehouse = warehouse
        self._presence = presence
        self._clock: Clock = warehouse.clock
        self._lock = threading.Lock()
        self._state = AlarmState()
        self._not_before_s = presence.began_s
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="alarms", daemon=True)
        self._settings = _stored_settings(warehouse)
        self._found: dict[AlarmRule, Finding] = {}
        self._recent: tuple[AlarmRow, ...] = ()
        self._configure()

    @property
    def settings(self) -> AlarmSettings:
        """The thresholds that count."""
        return self._settings

    @property
    def found(self) -> dict[AlarmRule, Finding]:
        """What each rule found when they were judged last."""
        return dict(self._found)

    @property
    def recent(self) -> tuple[AlarmRow, ...]:
        """The newest alarms, as kept."""
        return self._recent

    def start(self) -> None:
        """Close what a crash left ringing and begin in the background."""
        try:
            end_alarms(self._warehouse, self._clock(), "restart")
        except WarehouseWriteError as error:  # a full disk keeps no server from starting
            _log.warning("Alarms of before the start stay open: %s", error)
        self._read()
        self._thread.start()

    def close(self) -> None:
        """End; what rings is recorded as ended by the restart."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def change_settings(self, settings: AlarmSettings) -> None:
        """Keep other thresholds; durable when this returns.

        Raises:
            WarehouseWriteError: the disk refused; the old ones count.
        """
        append_alarm_settings(self._warehouse, settings.as_json())
        with self._lock:
            self._settings = settings
            self._configure()

    def compare_from_now(self) -> None:
        """What was before is no measure any more: a replay began or ended."""
        with self._lock:
            self._not_before_s = self._presence.now_s()

    def acknowledge(self, alarm_id: str) -> bool:
        """Somebody saw it; False where there is no such alarm.

        Raises:
            WarehouseWriteError: the disk refused.
        """
        known = acknowledge_alarm(self._warehouse, alarm_id)
        self._read()
        return known

    def judge(self) -> None:
        """Judge the rules now and keep what began or ended; done by itself every ten seconds.

        Raises:
            WarehouseWriteError: the disk refused.
        """
        with self._lock:
            now_s = self._presence.now_s()
            self._found = findings(self._situation(now_s), self._settings)
            after = deepcopy(self._state)
            changes = after.take(self._found, self._settings, now_s)
            for change in changes:
                self._keep(change)
            self._state = after  # only once it is on disk: what could not be kept is found again
        if changes:
            self._read()

    def _keep(self, change: Change) -> None:
        if change.ending is None:
            begin_alarm(self._warehouse, change.rule, self._clock(), change.finding.as_json())
        else:
            end_alarms(self._warehouse, self._clock(), change.ending, change.rule)

    def _situation(self, now_s: float) -> Situation:
        """Of whole tallies only: the one that goes on would look like a fall."""
        settings = self._settings
        end_s = now_s // TALLY_S * TALLY_S
        start_s = end_s - settings.window_minutes * 60
        before_s = max(start_s - settings.before_minutes * 60, self._measures_from_s())
        if start_s - before_s < LEAST_BEFORE_S:
            before_s = start_s  # nothing to compare with: no rule but the one of the unsure can ring
        present, unsure = self._presence.present()
        counts = self._presence.counts
        return Situation(
            counts(start_s, end_s), counts(before_s, start_s), counts(end_s - LATELY_S, end_s), present, unsure
        )

    def _measures_from_s(self) -> float:
        """Orders are seen at once and leaves only after a silence, so that the first minutes know too few leaves."""
        return self._not_before_s + 2 * self._settings.leave_after_minutes * 60

    def _configure(self) -> None:
        leave_after_s = self._settings.leave_after_minutes * 60
        self._presence.configure(leave_after_s=leave_after_s, buying=self._settings.buying)

    def _read(self) -> None:
        self._recent = tuple(list_alarms(self._warehouse, SHOWN_ALARMS))

    def _run(self) -> None:
        while not self._closing.wait(TALLY_S):
            try:
                self.judge()
            except (IntentLensError, duckdb.Error) as error:  # DuckDB's: a read while the file is opened anew
                _log.warning("The alarms were not judged or kept: %s", error)


def _stored_settings(warehouse: Warehouse) -> AlarmSettings:
    """As chosen last; the usual ones while nobody chose, or where another version's cannot be used."""
    stored = newest_alarm_settings(warehouse)
    try:
        return AlarmSettings() if stored is None else alarm_settings(stored)
    except InvalidAlarmError as error:
        _log.warning("The stored thresholds of the alarms cannot be used, the usual ones count: %s", error)
        return AlarmSettings()
