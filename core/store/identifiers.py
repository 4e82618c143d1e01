"""The one place that quotes SQL identifiers."""

from core.errors import IntentLensError


def quote(identifier: str) -> str:
    """An identifier as DuckDB reads it literally, whatever characters it holds.

    Raises:
        IntentLensError: empty, or with a NUL character, which no quoting can hold.
    """
    if not identifier or "\x00" in identifier:
        raise IntentLensError(f"'{identifier!r}' is not a name, expected at least one character and no NUL.")
    return '"' + identifier.replace('"', '""') + '"'


def choose(value: str, allowed: tuple[str, ...]) -> str:
    """The quoted identifier, if it is one of the allowed ones.

    Raises:
        IntentLensError: it is not.
    """
    if value not in allowed:
        raise IntentLensError(f"'{value}' is not a known column, expected one of {', '.join(allowed)}.")
    return quote(value)
