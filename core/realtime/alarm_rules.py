"""The alarms' rules: what they compare, and whether a difference is more than chance and large enough to matter.

Each is one-sided, exact, and conditional on the totals, so that small numbers do not shout:
    leaving: of the visits about to buy that ended, the share that left; Fisher's exact test against the window before;
        not while events fall silent, for then everybody seems to leave.
    support: visitors who come to a support intent for the first time in their visit, by the visitors there; given both
        windows' total, the count of the later one is binomial by the share of exposure (the conditional test of two
        Poisson rates: Przyborowski and Wilenski 1940).
    silence: events stored by the minute, by the same test in the other direction.
    unsure: of the visitors present, the share that the model is unsure of; binomial against the threshold itself.
Units are visitors and visits where they can be, since the events of one visitor are no independent draws; where they
are events (silence), the threshold on the size of the fall carries the rule and the test only keeps small numbers out.
"""

from dataclasses import asdict, dataclass
from typing import Any

from core.realtime.alarm_settings import AlarmRule, AlarmSettings
from core.realtime.tally import Counts

ENDS_HALFWAY = 0.5
"""An alarm ends when less than this part of the difference that began it is left (hysteresis)."""

LEAST_LATELY = 10
"""So many events must have been expected lately for their absence to mean something."""


@dataclass(frozen=True)
class Finding:
    """What a rule found.

    value, base: the rate or share now and before (unsure: the threshold), `count` of `n` and `base_count` of `base_n`.
    n is exposure for support (visitor stretches) and minutes for silence.
    chance: the p-value; 1 where there is nothing to test.
    over: large enough, sure enough and on enough numbers to ring.
    """

    rule: AlarmRule
    value: float
    base: float
    count: float
    n: float
    base_count: float
    base_n: float
    chance: float
    over: bool

    def as_json(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self)


@dataclass(frozen=True)
class Situation:
    """What the rules look at: the window, the time right before it, the window's end, and who is present now."""

    now: Counts
    before: Counts
    lately: Counts
    present: int
    unsure: int


def findings(situation: Situation, settings: AlarmSettings) -> dict[AlarmRule, Finding]:
    """What each rule that is switched on finds."""
    rules = {"leaving": _leaving, "support": _support, "silence": _silence, "unsure": _unsure}
    return {name: rules[name](situation, settings) for name in settings.rules}


def still_holds(finding: Finding, began: Finding, settings: AlarmSettings) -> bool:
    """Whether more than half of the difference that began an alarm is left, against the base of then."""
    part = ENDS_HALFWAY
    if finding.rule == "leaving":
        return finding.value >= began.base + settings.leaving_rise * part
    if finding.rule == "support":
        return finding.value >= began.base * (1 + (settings.support_times - 1) * part)
    if finding.rule == "silence":
        return finding.value <= began.base * (settings.silence_share + (1 - settings.silence_share) * part)
    return finding.value > settings.unsure_share * 0.9


def _leaving(situation: Situation, settings: AlarmSettings) -> Finding:
    now, before = situation.now, situation.before
    value, base = _share(now.left, now.ended), _share(before.left, before.ended)
    chance = fisher_chance(now.left, now.ended, before.left, before.ended)
    over = now.left >= settings.leaving_least and value >= base + settings.leaving_rise and chance <= settings.chance
    over = over and not _fell_silent(situation, settings)
    return Finding("leaving", value, base, now.left, now.ended, before.left, before.ended, chance, over)


def _fell_silent(situation: Situation, settings: AlarmSettings) -> bool:
    """Where hardly an event comes in any more, everybody seems to leave; that is for the other rule to tell."""
    expected = _share(situation.before.stored, situation.before.seconds) * situation.lately.seconds
    return expected >= LEAST_LATELY and situation.lately.stored <= expected * settings.silence_share


def _support(situation: Situation, settings: AlarmSettings) -> Finding:
    now, before = situation.now, situation.before
    came = sum(now.came_to[intent] for intent in settings.support)
    came_before = sum(before.came_to[intent] for intent in settings.support)
    value, base = _share(came, now.visitor_stretches), _share(came_before, before.visitor_stretches)
    exposure = now.visitor_stretches + before.visitor_stretches
    chance = 1.0
    if before.visitor_stretches and came:
        chance = at_least_chance(came, came + came_before, now.visitor_stretches / exposure)
    over = came >= settings.support_least and value >= base * settings.support_times and chance <= settings.chance
    counts = (came, now.visitor_stretches, came_before, before.visitor_stretches)
    return Finding("support", value, base, *counts, chance, over)


def _silence(situation: Situation, settings: AlarmSettings) -> Finding:
    now, before = situation.now, situation.before
    minutes, minutes_before = now.seconds / 60, before.seconds / 60
    value, base = _share(now.stored, minutes), _share(before.stored, minutes_before)
    chance = 1.0
    if minutes and minutes_before:
        chance = at_most_chance(now.stored, now.stored + before.stored, minutes / (minutes + minutes_before))
    expected = base * minutes
    over = expected >= settings.silence_least and value <= base * settings.silence_share and chance <= settings.chance
    return Finding("silence", value, base, now.stored, minutes, before.stored, minutes_before, chance, over)


def _unsure(situation: Situation, settings: AlarmSettings) -> Finding:
    before = situation.before
    value, threshold = _share(situation.unsure, situation.present), settings.unsure_share
    chance = at_least_chance(situation.unsure, situation.present, threshold)
    over = situation.unsure >= settings.unsure_least and value > threshold and chance <= settings.chance
    was = (before.uncertain_stretches, before.visitor_stretches)
    return Finding("unsure", value, threshold, situation.unsure, situation.present, *was, chance, over)


def fisher_chance(count: int, n: int, base_count: int, base_n: int) -> float:
    """How often so large a share of the n, or a larger one, comes by chance alone (Fisher's exact test)."""
    from scipy.stats import hypergeom  # 0.4 s, which no start of the server should wait for

    return float(hypergeom.sf(count - 1, n + base_n, count + base_count, n)) if n and base_n else 1.0


def at_least_chance(count: int, n: int, share: float) -> float:
    """How often `count` or more of n come by chance, each with this share; 1 of none."""
    from scipy.stats import binom

    return float(binom.sf(count - 1, n, share)) if n else 1.0


def at_most_chance(count: int, n: int, share: float) -> float:
    """How often `count` or fewer of n come by chance, each with this share; 1 of none."""
    from scipy.stats import binom

    return float(binom.cdf(count, n, share)) if n else 1.0


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
