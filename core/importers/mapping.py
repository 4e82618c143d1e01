"""Which column of a file becomes which column of an event, guessed by name and editable."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from core.errors import ColumnMappingError
from core.events.cleaning import RAW_COLUMNS

REQUIRED: dict[tuple[str, ...], str] = {
    ("occurred_at",): "when it happened",
    ("visitor_id", "user_id"): "who did it",
    ("event_type", "event_name"): "what was done",
}
"""One of each group must come from somewhere; what the group tells of an event."""

GUESSES: dict[str, tuple[str, ...]] = {
    "event_id": ("event id", "message id", "uuid", "insert id"),
    "occurred_at": (
        "occurred at",
        "event time",
        "timestamp",
        "time",
        "event timestamp",
        "action time",
        "created at",
        "datetime",
        "ts",
        "date time",
        "server timestamp epoch ms",
        "date",
        "event date",
    ),
    "received_at": ("received at",),
    "visitor_id": (
        "visitor id",
        "anonymous id",
        "user pseudo id",
        "distinct id",
        "client id",
        "cookie id",
        "visitor",
        "device id",
        "user id",
        "user",
        "customer id",
        "session id",
        "session",
    ),
    "user_id": ("user id", "customer id", "account id", "login"),
    "session_id": ("session id", "user session", "session", "visit id", "ga session id", "session id hash"),
    "event_type": ("event type", "event", "action type", "action", "type", "behavior", "behaviour", "behavior type"),
    "event_name": ("event name",),
    "item_id": (
        "item id",
        "product id",
        "sku id",
        "sku",
        "itemid",
        "aid",
        "product sku hash",
        "article id",
        "item",
        "product",
    ),
    "title": ("title", "item name", "product name", "name", "product title"),
    "description": ("description",),
    "image": ("image", "picture", "image name"),
    "query": ("query", "search query", "search term", "keyword", "keywords", "searchstring", "search"),
    "text": ("text", "message", "review", "comment", "body", "page title"),
    "category": ("category", "category code", "category path", "product category", "category name", "category id"),
    "brand": ("brand", "brand name", "item brand"),
    "price": ("price", "unit price", "amount", "revenue"),
    "currency": ("currency",),
    "quantity": ("quantity", "qty"),
    "position": ("position", "rank", "index"),
    "order_id": ("order id", "transaction id", "order number", "ordernumber"),
    "channel": ("channel", "medium", "traffic source", "utm medium"),
    "device": ("device", "device type", "device category"),
    "country": ("country", "country code"),
}
"""Names a column may have, by the words in them, the surest first."""

_ORDER_WORDS = {"step", "elapsed", "cum", "offset", "sequence"}
_COMMA = ", "
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


@dataclass(frozen=True)
class ColumnMapping:
    """columns: our column -> the file's; constants: our column -> a value for all rows; type_names: the file's event
    names -> our types. What is not mapped goes into `properties`.
    """

    columns: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    type_names: dict[str, str] = field(default_factory=dict)

    def checked(self, available: Iterable[str]) -> "ColumnMapping":
        """Itself, if it fits a file with these columns.

        Raises:
            ColumnMappingError: it names a column that one of the two does not have, or a required one comes from
                nowhere.
        """
        names = list(available)
        for ours, theirs in self.columns.items():
            _expect_known(ours)
            if theirs not in names:
                raise ColumnMappingError(
                    f"The mapping takes {ours} from '{theirs}', but the file has the columns {', '.join(names[:30])}."
                )
        for ours in self.constants:
            _expect_known(ours)
        missing = [group for group in REQUIRED if not any(self._fills(name) for name in group)]
        if missing:
            raise ColumnMappingError(_what_is_missing(missing, names))
        return self

    def _fills(self, name: str) -> bool:
        return name in self.columns or bool(self.constants.get(name))

    def apply(self, table: pa.Table) -> pa.Table:
        """The file's table of strings in our columns; the rest as JSON in `properties`."""
        length = len(table)
        columns = {ours: table[theirs] for ours, theirs in self.columns.items()}
        for ours, value in self.constants.items():
            columns.setdefault(ours, pa.chunked_array([pa.repeat(pa.scalar(value, pa.string()), length)]))
        if "properties" not in columns:
            rest = [name for name in table.column_names if name not in set(self.columns.values())]
            columns["properties"] = pa.chunked_array([_as_objects(table, rest)])
        return pa.table(columns)

    def as_json(self) -> dict[str, Any]:
        """The mapping as JSON, as `mapping_from_json` reads it."""
        return {"columns": self.columns, "constants": self.constants, "type_names": self.type_names}


def mapping_from_json(text: str) -> ColumnMapping:
    """A mapping given as JSON: {"columns": {ours: theirs}, "constants": {...}, "type_names": {...}}, or only columns.

    Raises:
        ColumnMappingError: it is no such JSON.
    """
    try:
        given = json.loads(text)
    except ValueError as error:
        raise ColumnMappingError(
            f"The mapping is neither a preset's name nor JSON ({error}): '{text[:80]}'."
        ) from error
    if not isinstance(given, dict):
        raise ColumnMappingError(f"The mapping is '{text[:80]}', expected a JSON object of our columns to the file's.")
    parts = given if "columns" in given else {"columns": given}
    for name, part in parts.items():
        if name not in {"columns", "constants", "type_names"} or not _is_texts(part):
            raise ColumnMappingError(f"The mapping's '{name}' is not understood; expected names mapped to names.")
    return ColumnMapping(**parts)


def guess_mapping(columns: Iterable[str]) -> ColumnMapping:
    """The likeliest mapping by the columns' names; a file with our names needs no other."""
    names = list(columns)
    exact = {name: name for name in names if name in RAW_COLUMNS}
    mapping = ColumnMapping(exact)
    by_words = {_plain(name): name for name in reversed(names)}
    for ours, guesses in GUESSES.items():
        taken = set(mapping.columns.values())
        found = next((by_words[guess] for guess in guesses if by_words.get(guess) not in {None, *taken}), None)
        if ours not in mapping.columns and found is not None:
            mapping = replace(mapping, columns=mapping.columns | {ours: found})
    return _with_visitor_from_session(mapping)


def _with_visitor_from_session(mapping: ColumnMapping) -> ColumnMapping:
    """A log without visitors still has sessions: each is then a visitor of its own, and the other way round."""
    columns = dict(mapping.columns)
    if "visitor_id" not in columns and "user_id" not in columns and "session_id" in columns:
        columns["visitor_id"] = columns["session_id"]
    return replace(mapping, columns=columns)


def _as_objects(table: pa.Table, names: list[str]) -> pa.Array:
    """One JSON object a row of the named columns, null values left out; null where nothing is left."""
    if not names or not len(table):
        return pa.nulls(len(table), pa.string())
    members = pc.binary_join_element_wise(*(_members(name, table[name]) for name in names), "")
    inside = pc.if_else(pc.equal(pc.binary_length(members), 0), pa.scalar(None, pa.string()), members)
    return pc.binary_join_element_wise("{", pc.utf8_slice_codeunits(inside, len(_COMMA)), "}", "")


def _members(name: str, column: pa.ChunkedArray) -> pa.Array:
    """Each value after a comma and its name, as JSON writes them; empty where the value is null or empty."""
    encoded = column.combine_chunks().dictionary_encode()
    key = json.dumps(name, ensure_ascii=False)
    values = encoded.dictionary.to_pylist()
    texts = [f"{_COMMA}{key}: {json.dumps(value, ensure_ascii=False)}" if value else "" for value in values]
    return pc.fill_null(pa.array(texts, pa.string()).take(encoded.indices), "")


def _what_is_missing(groups: list[tuple[str, ...]], names: list[str]) -> str:
    """The message for required columns that come from nowhere, and what can be done about each kind of file."""
    wanted = " and ".join(f"{' or '.join(group)} ({REQUIRED[group]})" for group in groups)
    parts = [
        f"No column is mapped to {wanted}, which every event needs; the file has the columns {', '.join(names[:30])}.",
        "Map one of them, or give a value for all rows.",
    ]
    if ("occurred_at",) in groups:
        parts.append("If the file tells no times, add a column of them, such as 2026-05-04T10:00:00Z or 1777888800.")
        if places := [name for name in names if _ORDER_WORDS & set(_plain(name).split())]:
            parts.append(
                f"({' and '.join(places)} only tell the order within a session: add the time at which it began.)"
            )
    if len(groups) > 1:
        parts.append("If a row stands for a whole session and not for one event, export the events instead.")
    return " ".join(parts)


def _plain(name: str) -> str:
    return " ".join(word.lower() for word in _WORDS.findall(name))


def _expect_known(name: str) -> None:
    if name not in RAW_COLUMNS:
        raise ColumnMappingError(f"The mapping fills '{name}', expected one of {', '.join(RAW_COLUMNS)}.")


def _is_texts(part: object) -> bool:
    return isinstance(part, Mapping) and all(isinstance(x, str) for pair in part.items() for x in pair)
