"""Frames of events and items to the model's columns: codes, standardised numbers, texts and pictures by row."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.model.fields import CODE_COLUMNS, FIRST_ID, MISSING_ID, NUMBER_COLUMNS
from core.model.history import (
    NO_REPEAT,
    SAME_CATEGORY,
    SAME_ITEM,
    SAME_QUERY,
    SESSION_GOES_ON,
    VISITOR_STARTS,
    HistoryRow,
    VisitorHistory,
    codes_of,
    history_columns,
    visitor_starts,
)
from core.model.left_out import LeftOut
from core.model.vocabulary import Vocabulary, bucket

_MIN_SPREAD = 1e-3
_HISTORY_NUMBERS = (
    "gap",
    "session_events",
    "session_items",
    "session_searches",
    "session_carts",
    "visitor_sessions",
    "visitor_purchases",
)


@dataclass(frozen=True)
class EventTable:
    """N featurized events in the order of the frame.

    codes: [N, C] int16 by CODE_COLUMNS; numbers: [N, M] float32 by NUMBER_COLUMNS, standardised, NaN = missing
    own_text, title: [N] int32 rows of `texts`; image: [N] int32 rows of `images`; row 0 = none
    visitor_starts: [V] int64 first row of each visitor
    """

    codes: np.ndarray
    numbers: np.ndarray
    own_text: np.ndarray
    title: np.ndarray
    image: np.ndarray
    texts: tuple[str, ...]
    images: tuple[str, ...]
    visitor_starts: np.ndarray

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True)
class EventRow:
    """One featurized event: codes [C], numbers [M], its texts ("" = none) and its picture's file name ("" = none)."""

    codes: list[int]
    numbers: list[float]
    own_text: str
    title: str
    image: str


@dataclass(frozen=True)
class _Strings:
    """A text column as codes into its distinct values, -1 = none."""

    codes: np.ndarray
    distinct: list[str]


class Featurizer:
    """Turns events into model columns by one vocabulary; stateless but for it."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._left_out = LeftOut(vocabulary.left_out)

    @classmethod
    def fit(cls, events: pd.DataFrame, items: pd.DataFrame, left_out: tuple[str, ...] = ()) -> "Featurizer":
        """Learn known values, scales and price levels from all events and items of a shop.

        Args:
            left_out: names of fields or columns that the model must not read (InvalidSettingError if unknown).
        """
        strings, raw = _raw_columns(events, items)
        known = {
            column.name: frozenset(bucket(column.name, value) for value in strings[column.name].distinct)
            for column in CODE_COLUMNS
            if column.open
        }
        prices = _category_prices(strings["category"], raw["price"])
        _add_relative_price(raw, strings["category"], prices)
        means, spreads = zip(*(_scale(raw[column.name]) for column in NUMBER_COLUMNS), strict=True)
        return cls(Vocabulary(known, means, spreads, prices, left_out))

    def transform(self, events: pd.DataFrame, items: pd.DataFrame) -> EventTable:
        """Featurize events sorted by visitor_id, occurred_at, event_id; the past decides, never the future."""
        strings, raw = _raw_columns(events, items)
        _add_relative_price(raw, strings["category"], self.vocabulary.category_prices)
        numbers = np.stack([raw[column.name] for column in NUMBER_COLUMNS], axis=1)
        numbers = (numbers - np.array(self.vocabulary.means)) / np.array(self.vocabulary.spreads)
        codes = np.stack([self._codes(column.name, strings, raw) for column in CODE_COLUMNS], axis=1)
        own, titles, pictures = (
            _Strings(np.full(len(events), -1), []) if self._left_out.hides(field) else strings[name]
            for name, field in (("own_text", "text"), ("title", "text"), ("image", "image"))
        )
        texts, own_text, title = _merge(own, titles)
        codes[:, self._left_out.codes], numbers[:, self._left_out.numbers] = MISSING_ID, np.nan
        return EventTable(
            codes=codes.astype(np.int16),
            numbers=numbers.astype(np.float32),
            own_text=own_text,
            title=title,
            image=(pictures.codes + 1).astype(np.int32),
            texts=texts,
            images=("", *pictures.distinct),
            visitor_starts=visitor_starts(codes_of(events["visitor_id"])),
        )

    def _codes(self, column: str, strings: dict[str, _Strings], raw: dict[str, np.ndarray]) -> np.ndarray:
        if column not in strings:
            return raw[column]
        lookup = np.array([*self.vocabulary.codes(column, strings[column].distinct), MISSING_ID])
        return lookup[strings[column].codes]

    def readings(self, events: pd.DataFrame, items: pd.DataFrame) -> dict[str, np.ndarray]:
        """The numbers that `transform` reads, each [N] in its own unit, NaN = missing: for people.

        By NUMBER_COLUMNS: price; relative_price as a multiple of the usual one in its category; gap in seconds; counts.
        And `item_repeat`, and 0 or 1 for `same_item`, `same_category`, `same_query` (as just before, as made before),
        `session_starts` and `visitor_starts`.
        """
        strings, raw = _raw_columns(events, items)
        _add_relative_price(raw, strings["category"], self.vocabulary.category_prices)
        told = {column.name: np.expm1(raw[column.name]) for column in NUMBER_COLUMNS}
        told["relative_price"] = np.exp(raw["relative_price"])
        told["item_repeat"] = np.where(raw["item_repeat"] == MISSING_ID, np.nan, raw["item_repeat"] - FIRST_ID)
        same, start = raw["same_as_previous"] - FIRST_ID, raw["session_start"] - FIRST_ID
        for name, bit in (("same_item", SAME_ITEM), ("same_category", SAME_CATEGORY), ("same_query", SAME_QUERY)):
            told[name] = (same & bit > 0).astype(np.float64)
        told["session_starts"] = (start != SESSION_GOES_ON).astype(np.float64)
        told["visitor_starts"] = (start == VISITOR_STARTS).astype(np.float64)
        return told

    def transform_one(self, history: VisitorHistory, event: Mapping[str, Any], item: Mapping[str, Any]) -> EventRow:
        """Featurize a visitor's next event exactly as `transform` would; advances the history.

        Args:
            history: the visitor's state after all earlier events.
            event: canonical columns; absent ones count as null.
            item: the event's item by ITEM_COLUMNS, empty when unknown.
        """
        text = {name: _first_text(event.get(name), item.get(name)) for name in ("category", "brand")}
        row = history.advance(event, text["category"])
        for name in ("event_type", "event_name", "device", "channel", "country"):
            text[name] = _first_text(event.get(name))
        text["top_category"] = _top_category(text["category"])
        at = event["occurred_at"]
        small = {
            "hour": FIRST_ID + at.hour,
            "weekday": FIRST_ID + at.weekday(),
            "item_repeat": _small_code(row.item_repeat),
            "same_as_previous": _small_code(row.same_as_previous),
            "session_start": _small_code(row.session_start),
        }
        code = self.vocabulary.code
        codes = [
            code(column.name, text[column.name]) if column.name in text else small[column.name]
            for column in CODE_COLUMNS
        ]
        numbers = self._numbers_one(event, item, row, text["category"])
        for index in self._left_out.codes:
            codes[index] = MISSING_ID
        for index in self._left_out.numbers:
            numbers[index] = float("nan")
        no_text, no_image = self._left_out.hides("text"), self._left_out.hides("image")
        return EventRow(
            codes=codes,
            numbers=numbers,
            own_text="" if no_text else _joined(_first_text(event.get("query")), _first_text(event.get("text"))),
            title="" if no_text else _first_text(item.get("title")),
            image="" if no_image else _first_text(item.get("image")),
        )

    def reading_one(
        self, history: VisitorHistory, event: Mapping[str, Any], item: Mapping[str, Any]
    ) -> dict[str, float]:
        """What `readings` says of a visitor's next event; arguments as for `transform_one`, advances the history."""
        category = _first_text(event.get("category"), item.get("category"))
        row = history.advance(event, category)
        raw = self._raw_one(event, item, row, category)
        told = {column.name: float(np.expm1(raw[column.name])) for column in NUMBER_COLUMNS}
        told["relative_price"] = float(np.exp(raw["relative_price"]))
        told["item_repeat"] = float("nan") if row.item_repeat == NO_REPEAT else float(row.item_repeat)
        for name, bit in (("same_item", SAME_ITEM), ("same_category", SAME_CATEGORY), ("same_query", SAME_QUERY)):
            told[name] = float(row.same_as_previous & bit > 0)
        told["session_starts"] = float(row.session_start != SESSION_GOES_ON)
        told["visitor_starts"] = float(row.session_start == VISITOR_STARTS)
        return told

    def pass_by(self, history: VisitorHistory, event: Mapping[str, Any], item: Mapping[str, Any]) -> None:
        """Advance the history over an event whose columns nobody needs; arguments as for `transform_one`."""
        history.advance(event, _first_text(event.get("category"), item.get("category")))

    def _numbers_one(
        self, event: Mapping[str, Any], item: Mapping[str, Any], row: HistoryRow, category: str
    ) -> list[float]:
        raw = self._raw_one(event, item, row, category)
        scales = zip(NUMBER_COLUMNS, self.vocabulary.means, self.vocabulary.spreads, strict=True)
        return [(raw[column.name] - mean) / spread for column, mean, spread in scales]

    def _raw_one(
        self, event: Mapping[str, Any], item: Mapping[str, Any], row: HistoryRow, category: str
    ) -> dict[str, float]:
        """Logarithms by the names of NUMBER_COLUMNS, not yet standardised."""
        raw = {name: _log(getattr(row, name)) for name in _HISTORY_NUMBERS}
        price = _number(event.get("price"))
        raw["price"] = _log(_number(item.get("price")) if np.isnan(price) else price)
        raw["relative_price"] = raw["price"] - self.vocabulary.category_prices.get(category, np.nan)
        raw["position"] = _log(_number(event.get("position")))
        raw["quantity"] = _log(_number(event.get("quantity")))
        return raw

    def save(self, folder: Path) -> None:
        """Write the vocabulary into a model folder."""
        self.vocabulary.save(folder)

    @classmethod
    def load(cls, folder: Path) -> "Featurizer":
        """Read from a model folder (BrokenCheckpointError if damaged)."""
        return cls(Vocabulary.load(folder))


def distinct_texts(events: pd.DataFrame, items: pd.DataFrame) -> list[str]:
    """The shop's distinct texts, sorted: queries and texts as events carry them, and every item's title."""
    strings = _event_texts(events)
    titles = {text for text in items["title"].dropna() if text}
    return sorted(set(strings.distinct) | titles)


def _raw_columns(events: pd.DataFrame, items: pd.DataFrame) -> tuple[dict[str, _Strings], dict[str, np.ndarray]]:
    """Text columns as codes, all other columns as raw arrays (numbers already logarithmic)."""
    events = events.reset_index(drop=True)
    item_row = _item_rows(events["item_id"], items)
    strings = {name: _strings(events[name]) for name in ("event_type", "event_name", "device", "channel", "country")}
    for name in ("category", "brand"):
        strings[name] = _strings(events[name].where(_has_text(events[name]), _of_item(items[name], item_row)))
    strings["top_category"] = _mapped(strings["category"], _top_category)
    strings["title"] = _strings(_of_item(items["title"], item_row))
    strings["image"] = _strings(_of_item(items["image"], item_row))
    strings["own_text"] = _event_texts(events)
    history = history_columns(events, strings["category"].codes)
    raw: dict[str, np.ndarray] = {name: _logs(history[name]) for name in _HISTORY_NUMBERS}
    for name in ("item_repeat", "same_as_previous", "session_start"):
        raw[name] = np.where(history[name] == NO_REPEAT, MISSING_ID, history[name] + FIRST_ID)
    at = events["occurred_at"].dt
    raw["hour"], raw["weekday"] = at.hour.to_numpy() + FIRST_ID, at.day_of_week.to_numpy() + FIRST_ID
    item_price = _of_item(items["price"], item_row).to_numpy(dtype=np.float64, na_value=np.nan)
    price = events["price"].to_numpy(dtype=np.float64, na_value=np.nan)
    raw["price"] = _logs(np.where(np.isnan(price), item_price, price))
    for name in ("position", "quantity"):
        raw[name] = _logs(events[name].to_numpy(dtype=np.float64, na_value=np.nan))
    return strings, raw


def _item_rows(item_ids: pd.Series, items: pd.DataFrame) -> np.ndarray:
    """[N] row of each event's item in `items`, len(items) where unknown or none."""
    known = pd.Index(items["item_id"])
    rows = known.get_indexer(item_ids) if len(known) else np.full(len(item_ids), -1)
    return np.where((rows < 0) | item_ids.isna().to_numpy(), len(items), rows)


def _of_item(column: pd.Series, rows: np.ndarray) -> pd.Series:
    return column.reset_index(drop=True).reindex(rows).reset_index(drop=True)


def _has_text(column: pd.Series) -> pd.Series:
    return column.notna() & (column != "")


def _strings(column: pd.Series) -> _Strings:
    codes, distinct = pd.factorize(column.astype(object), use_na_sentinel=True)
    values = [value if isinstance(value, str) else str(value) for value in distinct]
    if "" in values:
        codes = np.where(codes == values.index(""), -1, codes)
    return _Strings(codes, values)


def _mapped(column: _Strings, convert: Any) -> _Strings:
    values = [convert(value) for value in column.distinct]
    codes, distinct = pd.factorize(np.array([*values, ""], dtype=object))
    empty = codes[-1]
    lookup = np.where(codes == empty, -1, codes)
    return _Strings(lookup[column.codes], list(distinct))


def _event_texts(events: pd.DataFrame) -> _Strings:
    """Each event's own words: query and text joined."""
    query, text = _strings(events["query"]), _strings(events["text"])
    pair = (query.codes + 1).astype(np.int64) * (len(text.distinct) + 1) + text.codes + 1
    distinct, codes = np.unique(pair, return_inverse=True)
    queries, texts = [*query.distinct, ""], [*text.distinct, ""]
    width = len(text.distinct) + 1
    values = [_joined(queries[key // width - 1], texts[key % width - 1]) for key in distinct]
    lookup = np.array([index if value else -1 for index, value in enumerate(values)], dtype=np.int64)
    return _Strings(lookup[codes], values)


def _merge(own: _Strings, title: _Strings) -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
    """One table of distinct texts with row 0 = none, and each column's rows in it."""
    values, inverse = np.unique(np.array([*own.distinct, *title.distinct, ""], dtype=object), return_inverse=True)
    assert values[0] == ""  # noqa: S101 - "" sorts before every text
    own_rows = np.append(inverse[: len(own.distinct)], 0)
    title_rows = np.append(inverse[len(own.distinct) : -1], 0)
    return tuple(values), own_rows[own.codes].astype(np.int32), title_rows[title.codes].astype(np.int32)


def _category_prices(category: _Strings, log_price: np.ndarray) -> dict[str, float]:
    priced = ~np.isnan(log_price) & (category.codes >= 0)
    medians = pd.Series(log_price[priced]).groupby(category.codes[priced]).median()
    return {category.distinct[code]: float(median) for code, median in zip(medians.index, medians, strict=True)}


def _add_relative_price(raw: dict[str, np.ndarray], category: _Strings, prices: dict[str, float]) -> None:
    levels = np.array([*(prices.get(name, np.nan) for name in category.distinct), np.nan])
    raw["relative_price"] = raw["price"] - levels[category.codes]


def _scale(values: np.ndarray) -> tuple[float, float]:
    """Mean and spread of the known values; 0 and 1 where there are none."""
    known = values[~np.isnan(values)]
    if not len(known):
        return 0.0, 1.0
    spread = float(known.std())
    return float(known.mean()), spread if spread > _MIN_SPREAD else 1.0


def _logs(values: np.ndarray) -> np.ndarray:
    return np.log1p(np.maximum(values.astype(np.float64), 0.0))


def _log(value: float) -> float:
    return float(np.log1p(max(value, 0.0))) if value == value else float("nan")


def _number(value: Any) -> float:
    return float("nan") if value is None or value is pd.NA else float(value)


def _small_code(value: int) -> int:
    return MISSING_ID if value == NO_REPEAT else FIRST_ID + value


def _first_text(*values: Any) -> str:
    return next((value for value in values if isinstance(value, str) and value), "")


def _joined(query: str, text: str) -> str:
    return f"{query} {text}" if query and text else query or text


def _top_category(category: str) -> str:
    return category.split(" > ", 1)[0].strip()
