"""From findings to alarms: one begins when its rule is over twice in a row and ends when it is calm three times.

Pure: it is given what was found and when, and says what began and what ended.
"""

from dataclasses import dataclass, field
from typing import Literal

from core.realtime.alarm_rules import Finding, still_holds
from core.realtime.alarm_settings import AlarmRule, AlarmSettings

BEGINS_AFTER = 2
ENDS_AFTER = 3
LONGEST_S = 2 * 3600
"""After so long, what rang is how the shop is now."""

Ending = Literal["calm", "usual", "switched_off", "restart"]


@dataclass(frozen=True)
class Change:
    """An alarm that began (`ending` is None) or ended; `finding` is that of the beginning."""

    rule: AlarmRule
    finding: Finding
    ending: Ending | None = None


@dataclass
class _Rule:
    over: int = 0
    calm: int = 0
    began_s: float = 0.0
    began: Finding | None = None


@dataclass
class AlarmState:
    """Which alarms ring."""

    _rules: dict[AlarmRule, _Rule] = field(default_factory=dict)

    def take(self, found: dict[AlarmRule, Finding], settings: AlarmSettings, now_s: float) -> list[Change]:
        """The changes that these findings make; a rule without a finding is switched off."""
        changes = []
        for rule, state in self._rules.items():
            if rule not in found and state.began is not None:
                changes.append(Change(rule, state.began, "switched_off"))
                self._rules[rule] = _Rule()
        for rule, finding in found.items():
            change = self._judge(self._rules.setdefault(rule, _Rule()), finding, settings, now_s)
            if change is not None:
                changes.append(change)
        return changes

    def _judge(self, state: _Rule, finding: Finding, settings: AlarmSettings, now_s: float) -> Change | None:
        if state.began is None:
            state.over = state.over + 1 if finding.over else 0
            if state.over < BEGINS_AFTER:
                return None
            state.began, state.began_s, state.calm = finding, now_s, 0
            return Change(finding.rule, finding)
        state.calm = 0 if still_holds(finding, state.began, settings) else state.calm + 1
        if state.calm >= ENDS_AFTER:
            return self._end(state, "calm")
        if now_s - state.began_s >= LONGEST_S:
            return self._end(state, "usual")
        return None

    def _end(self, state: _Rule, ending: Ending) -> Change:
        began = state.began
        assert began is not None  # noqa: S101 - only what began ends
        state.began, state.over, state.calm = None, 0, 0
        return Change(began.rule, began, ending)
