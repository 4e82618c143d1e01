"""Times in the forms logs carry: ISO 8601 with or without zone, and counts since 1970 in s, ms, us or ns."""

import re
from contextlib import suppress
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc

TIMESTAMP = pa.timestamp("us")

_EPOCH = r"^-?\d{9,19}(\.\d+)?$"
_ISO = (
    r"^(?P<date>\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))"
    r"(?:[T ](?P<time>(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)(?P<fraction>\.\d{1,9})?)?"
    r"\s?(?P<zone>Z|z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?$"
)
_TRACKERS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)?\Z", re.ASCII)
_UNITS = ((1e11, 1_000_000.0), (1e14, 1000.0), (1e17, 1.0), (float("inf"), 0.001))
"""Counts below a bound are in a unit of so many microseconds."""


def parse_times(column: pa.Array) -> pa.Array:
    """[N] string -> [N] naive UTC timestamp, null where it is no time. A time without a zone is taken as UTC."""
    if column.null_count == len(column):
        return pa.nulls(len(column), TIMESTAMP)
    is_epoch = pc.fill_null(pc.match_substring_regex(column, _EPOCH), False)
    none = pa.scalar(None, pa.string())
    if pc.all(is_epoch).as_py():
        return _epochs(column)
    texts = _iso(pc.if_else(is_epoch, none, column))
    if not pc.any(is_epoch).as_py():
        return texts
    return pc.coalesce(texts, _epochs(pc.if_else(is_epoch, column, none)))


def parse_time(text: str) -> datetime | None:
    """One time as naive UTC, or None, also of one that Python's calendar does not hold (the year 0).

    The form that trackers send is read without the price of a column.
    """
    plain = plain_time(text)
    if plain is not None:
        return plain
    try:
        at: datetime | None = parse_times(pa.array([text], pa.string()))[0].as_py()
    except OverflowError:
        return None
    return at


def plain_time(text: str) -> datetime | None:
    """A time in the form that trackers send as naive UTC; None of every other text, time or not."""
    if _TRACKERS.match(text):
        with suppress(ValueError, OverflowError):  # some 31 February, or year 1 with a zone
            return naive_utc(datetime.fromisoformat(text))
    return None


def _epochs(column: pa.Array) -> pa.Array:
    whole = pc.cast(column, pa.float64())
    size = pc.abs(whole)
    micros = pa.nulls(len(column), pa.float64())
    for bound, factor in reversed(_UNITS):
        micros = pc.if_else(pc.less(size, bound), pc.multiply(whole, factor), micros)
    return pc.cast(pc.cast(pc.round(micros), pa.int64(), safe=False), TIMESTAMP)


def _iso(column: pa.Array) -> pa.Array:
    column = pc.replace_substring_regex(column, pattern=r"^(\d{4})/(\d{2})/(\d{2})", replacement=r"\1-\2-\3")
    column = pc.replace_substring_regex(column, pattern=r"^(\d{4})(\d{2})(\d{2})$", replacement=r"\1-\2-\3")
    parts = pc.extract_regex(column, pattern=_ISO)
    found = pc.is_valid(parts)
    none = pa.scalar(None, pa.string())
    date, time, fraction, zone = (
        pc.if_else(found, pc.struct_field(parts, name), none) for name in ("date", "time", "fraction", "zone")
    )
    clock = pc.if_else(pc.equal(pc.binary_length(time), 0), "00:00:00", time)
    clock = pc.if_else(pc.equal(pc.binary_length(clock), 5), pc.binary_join_element_wise(clock, ":00", ""), clock)
    micros = pc.utf8_slice_codeunits(fraction, 0, 7)
    at = _cast(pc.binary_join_element_wise(pc.binary_join_element_wise(date, clock, "T"), micros, ""))
    return pc.subtract(at, _offsets(zone))


def _cast(texts: pa.Array) -> pa.Array:
    try:
        return pc.cast(texts, TIMESTAMP)
    except pa.ArrowInvalid:  # some 31 February: well-formed, but no day
        return pa.array([_one(text) for text in texts.to_pylist()], pa.int64()).cast(TIMESTAMP)


def _one(text: str | None) -> int | None:
    """By the same reader, so that no row's time depends on its neighbours."""
    try:
        micros: int | None = pa.scalar(text, pa.string()).cast(TIMESTAMP).value
    except pa.ArrowInvalid:
        return None
    return micros


def _offsets(zone: pa.Array) -> pa.Array:
    """The zones' distances from UTC as durations."""
    distinct = zone.dictionary_encode() if isinstance(zone, pa.Array) else zone.combine_chunks().dictionary_encode()
    micros = pa.array([_offset_us(text) for text in distinct.dictionary.to_pylist()], pa.int64())
    return pc.cast(pc.fill_null(micros.take(distinct.indices), 0), pa.duration("us"))


def _offset_us(zone: str) -> int:
    digits = zone[1:].replace(":", "")
    if not digits.isdigit():  # "", Z, UTC, GMT
        return 0
    minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
    return (-1 if zone[0] == "-" else 1) * minutes * 60_000_000


def naive_utc(at: datetime) -> datetime:
    """A datetime as naive UTC; a naive one is UTC already."""
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
