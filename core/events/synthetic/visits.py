"""When who visits: visitors who return, day and week rhythm, long-tailed session lengths."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

FIRST_DAY = datetime(2026, 8, 24)
DAYS = 56
_HOUR_WEIGHTS = (3, 2, 1, 1, 1, 1, 2, 4, 6, 7, 8, 8, 9, 8, 7, 7, 7, 8, 9, 11, 13, 13, 10, 6)
_DAY_WEIGHTS = (1.0, 0.95, 0.95, 1.0, 1.15, 1.35, 1.4)
_RETURN_CHANCE = 0.55
_MEDIAN_LENGTH = 6.0
_LENGTH_SPREAD = 0.85
LONGEST_SESSION = 90
_LEAST_PAUSE = timedelta(hours=6)
_COUNTRIES = (("CN", 0.58), ("US", 0.16), ("DE", 0.1), ("GB", 0.1), ("SG", 0.06))
_DEVICES = (("mobile", 0.62), ("desktop", 0.31), ("tablet", 0.07))
_SIGNED_IN = 0.35


@dataclass(frozen=True)
class Visitor:
    """One visitor; language "en" or "zh"; user_id when signed in; the beginnings of the sessions, in order."""

    visitor_id: str
    user_id: str | None
    language: str
    country: str
    device: str
    starts: tuple[datetime, ...]


def make_visitors(random: np.random.Generator, sessions: int) -> list[Visitor]:
    """Visitors with `sessions` sessions in all."""
    visitors: list[Visitor] = []
    left = sessions
    while left:
        count = min(left, int(random.geometric(1 - _RETURN_CHANCE)))
        visitors.append(_visitor(random, len(visitors) + 1, count))
        left -= len(visitors[-1].starts)
    return visitors


def session_length(random: np.random.Generator) -> int:
    """Events of a session: log-normal, at least one; the same for every intent."""
    length = round(_MEDIAN_LENGTH * float(np.exp(random.normal(0.0, _LENGTH_SPREAD))))
    return min(max(1, length), LONGEST_SESSION)


def _visitor(random: np.random.Generator, number: int, sessions: int) -> Visitor:
    country = _drawn(random, _COUNTRIES)
    starts: list[datetime] = []
    for start in sorted(_start(random) for _ in range(sessions)):
        if not starts or start - starts[-1] >= _LEAST_PAUSE:
            starts.append(start)
    return Visitor(
        visitor_id=f"v{number:05}",
        user_id=f"u{number:05}" if random.random() < _SIGNED_IN else None,
        language="zh" if country in {"CN", "SG"} else "en",
        country=country,
        device=_drawn(random, _DEVICES),
        starts=tuple(starts),
    )


def _start(random: np.random.Generator) -> datetime:
    weights = np.array([_DAY_WEIGHTS[(FIRST_DAY + timedelta(days=day)).weekday()] for day in range(DAYS)])
    day = int(random.choice(DAYS, p=weights / weights.sum()))
    hours = np.array(_HOUR_WEIGHTS, dtype=float)
    hour = int(random.choice(24, p=hours / hours.sum()))
    return FIRST_DAY + timedelta(days=day, hours=hour, seconds=float(random.uniform(0, 3600)))


def _drawn(random: np.random.Generator, chances: tuple[tuple[str, float], ...]) -> str:
    names, weights = zip(*chances, strict=True)
    return str(names[int(random.choice(len(names), p=weights))])
