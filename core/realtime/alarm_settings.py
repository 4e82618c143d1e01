"""When an alarm rings: windows, what counts as buying and support, and the thresholds of each rule."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from core.errors import InvalidAlarmError

AlarmRule = Literal["leaving", "support", "silence", "unsure"]
ALARM_RULES: tuple[AlarmRule, ...] = get_args(AlarmRule)

RANGES: dict[str, tuple[float, float]] = {
    "window_minutes": (1, 30),
    "before_minutes": (5, 100),
    "leave_after_minutes": (1, 30),
    "chance": (1e-9, 0.05),
    "leaving_rise": (0.01, 1.0),
    "leaving_least": (3, 100_000),
    "support_times": (1.1, 100.0),
    "support_least": (3, 100_000),
    "silence_share": (0.0, 0.9),
    "silence_least": (10, 10_000_000),
    "unsure_share": (0.05, 0.99),
    "unsure_least": (10, 10_000),
}
"""Least and most of each number."""


@dataclass(frozen=True)
class AlarmSettings:
    """The shop's thresholds.

    window_minutes: what is judged; before_minutes: the time right before it, which it is compared with.
    leave_after_minutes: a silence so long after buying intent or a filled cart, without an order, is a leave.
    chance: a difference rings only if chance alone would make one as large this rarely (p-value, one-sided).
    leaving_rise: so much more of those about to buy leave than before, as a share (0.15: 15 points); at least
        leaving_least left.
    support_times: so many times as many visitors come to a support intent; at least support_least.
    silence_share: events fall to this share of before; at least silence_least were to be expected.
    unsure_share: the model is unsure of more than this share of those present; at least unsure_least are.

    Raises:
        InvalidAlarmError: a number out of RANGES, or an unknown rule.
    """

    window_minutes: int = 5
    before_minutes: int = 30
    leave_after_minutes: int = 5
    buying: tuple[str, ...] = ("purchase",)
    support: tuple[str, ...] = ("support",)
    rules: tuple[AlarmRule, ...] = ALARM_RULES
    chance: float = 0.00001
    leaving_rise: float = 0.15
    leaving_least: int = 10
    support_times: float = 2.0
    support_least: int = 8
    silence_share: float = 0.2
    silence_least: int = 100
    unsure_share: float = 0.5
    unsure_least: int = 30

    def __post_init__(self) -> None:
        for name, (least, most) in RANGES.items():
            value = getattr(self, name)
            if not least <= value <= most:
                raise InvalidAlarmError(f"{name} is '{value}', expected a number from {least:g} to {most:g}.")
        unknown = sorted(set(self.rules) - set(ALARM_RULES))
        if unknown:
            raise InvalidAlarmError(f"'{unknown[0]}' is no alarm, expected one of {', '.join(ALARM_RULES)}.")

    def as_json(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self)


def alarm_settings(values: dict[str, Any]) -> AlarmSettings:
    """From JSON; a name of another version is left out.

    Raises:
        InvalidAlarmError: see AlarmSettings.
    """
    known = {field.name for field in fields(AlarmSettings)}
    given: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in values.items()}
    return AlarmSettings(**{name: value for name, value in given.items() if name in known})
