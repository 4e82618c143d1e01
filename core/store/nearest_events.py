"""The events of some visitors that lie nearest to a moment, however many they have and wherever those are stored.

Read in two steps. First where they lie: moments and row numbers only. These tell the period that holds the nearest, and
for each visitor whether the index or a scan of that period is the cheaper way to the other columns
(tests/benchmarks/bench_timeline.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.store.identifiers import one_of
from core.store.warehouse import Warehouse

INDEXED_ROW_US = 15.0
SCANNED_ROW_US = 0.003
SCANNED_VECTOR_US = 30.0
"""What DuckDB 2.0 takes, in microseconds of one core: for a row fetched by the index; for a row that a scan passes by;
and for a vector in which a scan finds some, whose other columns it then unpacks (10 to 60, the most in those written
since the file was opened).
"""
MOST_US = 80_000.0
"""Of events that lie so far apart that to read them would take longer, half as many are read, and so on."""
LEAST_EVENTS = 1000
"""So many are read however far apart they lie."""
VECTOR_ROWS = 2048
INDEX_ROWS, INDEX_SHARE = 2048, 0.001
"""DuckDB reads by an index only where its column is all there is to filter by, and no more rows than the greater of
so many and so much of the table (index_scan_max_count, index_scan_percentage).
"""

_OWN = """event_id, visitor_id, session_id, occurred_at, event_type, event_name, item_id, query, text, category, brand,
    price, currency, quantity, order_id"""

_PLACES = "SELECT {number} AS visitor, occurred_at, rowid AS place FROM events WHERE visitor_id = ${name}"
_BY_INDEX = f"SELECT {_OWN} FROM events WHERE {{condition}}"
_BY_SCAN = f"SELECT {_OWN} FROM events WHERE visitor_id = ${{name}} AND occurred_at BETWEEN $low AND $high"
"""One visitor each: DuckDB scans for one of several values in eight times the time it takes for one."""

_EVENTS = """
    SELECT own.* REPLACE (
            coalesce(nullif(own.category, ''), items.category) AS category,
            coalesce(nullif(own.brand, ''), items.brand) AS brand,
            coalesce(own.price, items.price) AS price),
        items.title, items.image
    FROM ({own}) AS own LEFT JOIN items USING (item_id)
"""
"""Put in order afterwards: Arrow sorts so few in a third of the time that DuckDB takes to plan it."""


@dataclass(frozen=True)
class Nearest:
    """Events on both sides of a moment, in order of time, none between them left out; at least as many on each side as
    were asked for, halved `halvings` times, where there are so many.

    Attributes:
        before: columns event_id, visitor_id, session_id, occurred_at, event_type, event_name, item_id, query, text,
            category, brand, price, currency, quantity, order_id, title, image; the item's where an event says nothing.
        after: the same columns.
        is_last: whether no events come after these.
        halvings: 0 but for events that lie too far apart to read as many in time.
    """

    before: pa.Table
    after: pa.Table
    is_last: bool
    halvings: int


@dataclass(frozen=True)
class _Places:
    """Where the visitors' events lie, in order of time: numbers of their visitors [N] int, moments [N] datetime64[us],
    rows [N] int64.
    """

    visitors: np.ndarray
    moments: np.ndarray
    rows: np.ndarray

    def period(self, moment: datetime, before: int, after: int, together: int) -> slice:
        """The places of at least the `before` events before a moment, the `after` ones after it and all at it; more
        after it where that makes the events `together` so many.
        """
        at = np.datetime64(moment, "us")
        first, last = (int(np.searchsorted(self.moments, at, side)) for side in ("left", "right"))
        start = max(first - before, 0)
        end = min(last + max(after, together - (first - start)), len(self.moments))
        if start < end:  # all that happened in the same moment as the outermost
            start = int(np.searchsorted(self.moments, self.moments[start], "left"))
            end = int(np.searchsorted(self.moments, self.moments[end - 1], "right"))
        return slice(start, end)


def read_nearest(
    warehouse: Warehouse,
    visitor_ids: Sequence[str],
    moment: datetime,
    event_id: str,
    *,
    before: int = 0,
    after: int = 0,
    together: int = 0,
    whole: bool = False,
) -> Nearest:
    """The events nearest to the place in time of this moment and event id, whose own event counts as after it.

    Args:
        before: at least so many of those before it.
        after: at least so many of those after it.
        together: more after it where few lie before, until there are so many.
        whole: as many as asked for, whatever it takes.
    """
    with warehouse.cursor() as cursor:
        cursor.execute("BEGIN TRANSACTION READ ONLY").fetchall()  # one state of the warehouse for all that is read
        places = _places(cursor, visitor_ids)
        most = _most_by_index(cursor, len(places.rows))
        for halvings in count():
            asked = [_halved(number, halvings) for number in (before, after, together)]
            period = places.period(moment, *asked)
            few, takes_us = _cheaper_by_index(places, period, len(visitor_ids), most)
            if whole or takes_us <= MOST_US or max(asked) <= LEAST_EVENTS:
                break
        if len(few) == len(visitor_ids):  # the index gives all of them anyway
            period = slice(0, len(places.moments))
        moments = places.moments[period]
        found = _events(cursor, visitor_ids, few, moments[[0, -1]].tolist() if len(moments) else [moment, moment])
    events = _between(_sorted(found), moments)
    earlier = _count_before(events, moment, event_id)
    return Nearest(
        events.slice(0, earlier), events.slice(earlier), is_last=period.stop == len(places.moments), halvings=halvings
    )


def _halved(number: int, times: int) -> int:
    """Of so many and one more, half of so many and one more."""
    return ((number - 1) >> times) + 1 if number else 0


def _places(cursor: duckdb.DuckDBPyConnection, visitor_ids: Sequence[str]) -> _Places:
    given = {f"visitor_{number}": visitor_id for number, visitor_id in enumerate(visitor_ids)}
    query = " UNION ALL ".join(_PLACES.format(number=number, name=name) for number, name in enumerate(given))
    found = cursor.sql(query, params=given).to_arrow_table()
    visitors, moments, rows = (found[name].to_numpy() for name in ("visitor", "occurred_at", "place"))
    order = np.argsort(moments, kind="stable")
    return _Places(visitors[order], moments[order], rows[order])


def _most_by_index(cursor: duckdb.DuckDBPyConnection, rows: int) -> int:
    """How many rows DuckDB would read by the index, if these are asked for."""
    if rows <= INDEX_ROWS:
        return INDEX_ROWS
    stored = int(cursor.execute("SELECT count(*) FROM events").fetchall()[0][0])
    return max(INDEX_ROWS, int(stored * INDEX_SHARE))


def _cheaper_by_index(places: _Places, period: slice, visitors: int, most: int) -> tuple[list[int], float]:
    """The numbers of the visitors whose events are read quicker by the index, with all they have at other times, than
    by a scan of the period; and what all of it takes, in microseconds of one core.

    Args:
        most: rows to be read by the index.
    """
    counts = np.bincount(places.visitors, minlength=visitors)
    chosen, total, takes_us = [], 0, 0.0
    for number in np.argsort(counts, kind="stable").tolist():
        total += int(counts[number])
        by_index_us = float(counts[number] * INDEXED_ROW_US)
        by_scan_us = scan_us(places.rows[period][places.visitors[period] == number])
        is_chosen = total <= most and by_index_us <= by_scan_us
        takes_us += by_index_us if is_chosen else by_scan_us
        chosen += [number] if is_chosen else []
    return chosen, takes_us


def scan_us(rows: np.ndarray) -> float:
    """What a scan for these rows takes, if rows lie in the order of time; a part of a vector counts as a whole one."""
    vectors = np.unique(rows // VECTOR_ROWS)
    if not len(vectors):
        return 0.0
    passed = int(vectors[-1] - vectors[0] + 1) * VECTOR_ROWS
    return passed * SCANNED_ROW_US + len(vectors) * SCANNED_VECTOR_US


def _events(
    cursor: duckdb.DuckDBPyConnection, visitor_ids: Sequence[str], few: Sequence[int], period: Sequence[datetime]
) -> pa.Table:
    """The events of the `few` by the index, those of the other visitors in the period by a scan; in no order."""
    many = {f"many_{number}": name for number, name in enumerate(visitor_ids) if number not in few}
    asked: dict[str, object] = dict(many)
    own = [_BY_SCAN.format(name=name) for name in many]
    if many:
        asked |= {"low": period[0], "high": period[1]}
    if few:
        condition, names = one_of("visitor_id", [visitor_ids[number] for number in few])
        own.append(_BY_INDEX.format(condition=condition))
        asked |= names
    table: pa.Table = cursor.sql(_EVENTS.format(own=" UNION ALL ".join(own)), params=asked).to_arrow_table()
    return table


def _sorted(events: pa.Table) -> pa.Table:
    return events.combine_chunks().sort_by([("occurred_at", "ascending"), ("event_id", "ascending")])


def _between(events: pa.Table, moments: np.ndarray) -> pa.Table:
    """Those of these moments; the index also gave others, between which some visitor's may be missing."""
    if not len(moments):
        return events.slice(0, 0)
    found = events["occurred_at"].to_numpy()
    start = int(np.searchsorted(found, moments[0], "left"))
    return events.slice(start, int(np.searchsorted(found, moments[-1], "right")) - start)


def _count_before(events: pa.Table, moment: datetime, event_id: str) -> int:
    """How many come before the place in time of this moment and event id."""
    found, at = events["occurred_at"].to_numpy(), np.datetime64(moment, "us")
    first, last = (int(np.searchsorted(found, at, side)) for side in ("left", "right"))
    same = events["event_id"].slice(first, last - first)
    return first + (pc.sum(pc.less(same, event_id)).as_py() or 0)
