"""The fields of an event that the model embeds separately, and the numeric columns that feed each of them."""

from dataclasses import dataclass

from core.events.schema import EVENT_TYPES

FIELDS: tuple[str, ...] = (
    "event_type",
    "text",
    "image",
    "category",
    "brand",
    "price",
    "gap",
    "time_of_day",
    "position",
    "repeat",
    "count",
    "device",
    "session_start",
)
"""One embedding each, in this order everywhere: model, heatmap, exports."""

PAD_ID = 0
UNKNOWN_ID = 1
MISSING_ID = 2
FIRST_ID = 3
"""Codes below FIRST_ID mean the same in every column: padding, a value not seen in training, no value."""


@dataclass(frozen=True)
class CodeColumn:
    """A categorical column: codes from FIRST_ID up to `size` (hash buckets where the vocabulary is open)."""

    name: str
    field: str
    size: int
    open: bool = False


@dataclass(frozen=True)
class NumberColumn:
    """A numeric column: missing is NaN; standardised by the vocabulary before the soft bins."""

    name: str
    field: str


CODE_COLUMNS: tuple[CodeColumn, ...] = (
    CodeColumn("event_type", "event_type", FIRST_ID + len(EVENT_TYPES)),
    CodeColumn("event_name", "event_type", FIRST_ID + 64, open=True),
    CodeColumn("category", "category", FIRST_ID + 384, open=True),
    CodeColumn("top_category", "category", FIRST_ID + 128, open=True),
    CodeColumn("brand", "brand", FIRST_ID + 384, open=True),
    CodeColumn("hour", "time_of_day", FIRST_ID + 24),
    CodeColumn("weekday", "time_of_day", FIRST_ID + 7),
    CodeColumn("item_repeat", "repeat", FIRST_ID + 5),
    CodeColumn("same_as_previous", "repeat", FIRST_ID + 8),
    CodeColumn("device", "device", FIRST_ID + 32, open=True),
    CodeColumn("channel", "device", FIRST_ID + 64, open=True),
    CodeColumn("country", "device", FIRST_ID + 64, open=True),
    CodeColumn("session_start", "session_start", FIRST_ID + 3),
)
NUMBER_COLUMNS: tuple[NumberColumn, ...] = (
    NumberColumn("price", "price"),
    NumberColumn("relative_price", "price"),
    NumberColumn("gap", "gap"),
    NumberColumn("position", "position"),
    NumberColumn("session_events", "count"),
    NumberColumn("session_items", "count"),
    NumberColumn("session_searches", "count"),
    NumberColumn("session_carts", "count"),
    NumberColumn("quantity", "count"),
    NumberColumn("visitor_sessions", "session_start"),
    NumberColumn("visitor_purchases", "session_start"),
)

CODE_INDEX: dict[str, int] = {column.name: index for index, column in enumerate(CODE_COLUMNS)}
NUMBER_INDEX: dict[str, int] = {column.name: index for index, column in enumerate(NUMBER_COLUMNS)}
