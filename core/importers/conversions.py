"""What some public logs need beside a mapping: columns made of others. Tables of strings in, tables of strings out."""

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from core.events.numbers import parse_numbers
from core.events.times import TIMESTAMP, parse_times

_TRIVAGO_ITEMS = r"^(clickout|interaction|search for) item"
_TRIVAGO_QUERIES = r"^search for (destination|poi)$"
_NONE = pa.scalar(None, pa.string())


def dotted_category(column: str) -> Callable[[pa.Table], pa.Table]:
    """Adds `category`, the path in `column` with " > " for its dots."""

    def convert(table: pa.Table) -> pa.Table:
        if column not in table.column_names:
            return table
        path = pc.replace_substring(table[column], ".", " > ")
        return table.drop_columns([column]).append_column("category", path)

    return convert


def diginetica_times(table: pa.Table) -> pa.Table:
    """Adds `occurred_at`: the day of the event plus `timeframe`, milliseconds since the session's first query."""
    day = parse_times(table["eventdate"].combine_chunks())
    after = pc.cast(pc.fill_null(parse_numbers(table["timeframe"].combine_chunks()), 0.0), pa.int64(), safe=False)
    at = pc.add(day, pc.cast(pc.multiply(after, 1000), pa.duration("us")))
    return table.append_column("occurred_at", pc.cast(pc.cast(at, TIMESTAMP), pa.string()))


def trivago_columns(table: pa.Table) -> pa.Table:
    """Splits `reference` by what the action refers to: adds item_id, query and text (a filter or sort order)."""
    action, reference = table["action_type"], table["reference"]
    is_item = pc.and_(pc.match_substring_regex(action, _TRIVAGO_ITEMS), pc.match_substring_regex(reference, r"^\d+$"))
    is_query = pc.match_substring_regex(action, _TRIVAGO_QUERIES)
    neither = pc.invert(pc.or_(is_item, is_query))
    for name, chosen in (("item_id", is_item), ("query", is_query), ("text", neither)):
        table = table.append_column(name, pc.if_else(pc.fill_null(chosen, False), reference, _NONE))
    return table.drop_columns(["reference"])
