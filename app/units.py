"""Numbers in the units people say them in."""

from app.i18n import t

_SECOND_MS = 1000
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def human_gap(milliseconds: int) -> str:
    """8_000 → "8 s"; 7_500_000 → "2 h 5 min"."""
    seconds = round(milliseconds / _SECOND_MS)
    parts: list[str] = []
    for size, unit in _UNITS:
        count, seconds = divmod(seconds, size)
        if count and len(parts) < 2:
            parts.append(t(f"explain.unit.{unit}", n=count))
        elif parts:
            break
    return " ".join(parts) or t("explain.unit.second", n=0)


def signed(value: float, digits: int) -> str:
    """0.31 → "+0.3"; −1 → "−1.0" with a true minus; what rounds to zero has no sign."""
    text = f"{value:+.{digits}f}"
    return text.replace("-", "−") if float(text) else text[1:]


def points(share: float, digits: int = 1) -> str:
    """A difference of probabilities in percentage points: 0.031 → "+3.1"."""
    return signed(100 * share, digits)
