"""The one place that quotes SQL identifiers."""

from collections.abc import Sequence

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


def one_of(column: str, values: Sequence[str]) -> tuple[str, dict[str, str]]:
    """A condition that a column has one of these values, and its parameters: literal ones, since only then DuckDB reads
    by an index.

    Raises:
        IntentLensError: no value at all.
    """
    if not values:
        raise IntentLensError(f"No value is given for '{column}', expected at least one.")
    names = [f"{column}_{place}" for place in range(len(values))]
    places = ", ".join(f"${name}" for name in names)
    return f"{column} IN ({places})", dict(zip(names, values, strict=True))
