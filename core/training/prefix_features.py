"""What a session showed up to each event, as plain columns: the input of the tree baseline."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from core.events.schema import EVENT_TYPES

_DEVICES = 8
_GRAMS = 4000
_TEXT_AXES = 24
_CHANNELS = 16


def prefix_features(events: pd.DataFrame, items: pd.DataFrame) -> tuple[list[str], np.ndarray]:
    """Names [P] and values [N, P] float32 (NaN = missing) that use each event and its past only.

    Args:
        events: sorted by visitor_id, occurred_at, event_id.
        items: titles are not used; price and category fill what the event leaves out.
    """
    session = events["session_id"].to_numpy()
    columns = _type_columns(events, session) | _time_columns(events, session) | _item_columns(events, items, session)
    columns |= _visitor_columns(events) | _text_columns(events, session)
    return list(columns), np.stack([np.asarray(value, dtype=np.float32) for value in columns.values()], axis=1)


def _type_columns(events: pd.DataFrame, session: np.ndarray) -> dict[str, pd.Series]:
    code = events["event_type"].map({name: place for place, name in enumerate(EVENT_TYPES)})
    before = code.groupby(session)
    columns: dict[str, Any] = {"type": code, "type_before": before.shift(1), "type_two_before": before.shift(2)}
    place = before.cumcount() + 1
    columns["place"] = place
    for name in EVENT_TYPES:
        count = events["event_type"].eq(name).groupby(session).cumsum()
        columns[f"count_{name}"] = count
        columns[f"share_{name}"] = count / place
    return columns


def _time_columns(events: pd.DataFrame, session: np.ndarray) -> dict[str, pd.Series]:
    at = events["occurred_at"]
    gap = at.groupby(session).diff().dt.total_seconds()
    first = at.groupby(session).transform("min")
    return {
        "gap": gap,
        "gap_mean": gap.groupby(session).expanding().mean().droplevel(0).sort_index(),
        "since_start": (at - first).dt.total_seconds(),
        "hour": at.dt.hour,
        "weekday": at.dt.day_of_week,
    }


def _item_columns(events: pd.DataFrame, items: pd.DataFrame, session: np.ndarray) -> dict[str, pd.Series]:
    known = items.drop_duplicates("item_id").set_index("item_id")
    item = events["item_id"]
    category = _filled(events["category"], item.map(known["category"])).astype(object)
    price = _filled(events["price"], item.map(known["price"])).astype("float64")
    typical = price.groupby(category).transform("median")
    seen = item.notna() & item.groupby([session, item]).cumcount().gt(0)
    level = price / typical
    new_category = category.notna() & ~category.groupby([session, category]).cumcount().gt(0)
    return {
        "seen_before": seen,
        "seen_count": seen.groupby(session).cumsum(),
        "same_as_last": item.eq(item.groupby(session).ffill().groupby(session).shift(1)),
        "items": (item.notna() & ~seen).groupby(session).cumsum(),
        "categories": new_category.groupby(session).cumsum(),
        "price": price,
        "price_level": level,
        "price_level_mean": level.groupby(session).expanding().mean().droplevel(0).sort_index(),
        "position": pd.to_numeric(events["position"]).astype("float64"),
    }


def _visitor_columns(events: pd.DataFrame) -> dict[str, pd.Series]:
    visitor = events["visitor_id"]
    starts = events["session_id"].ne(events["session_id"].shift(1)) | visitor.ne(visitor.shift(1))
    bought = events["event_type"].eq("purchase").astype("int64")
    return {
        "sessions_before": starts.groupby(visitor).cumsum() - 1,
        "purchases_before": bought.groupby(visitor).cumsum() - bought,
        "device": _codes(events["device"], _DEVICES),
        "channel": _codes(events["channel"].groupby(events["session_id"]).transform("first"), _CHANNELS),
    }


def _text_columns(events: pd.DataFrame, session: np.ndarray) -> dict[str, pd.Series]:
    """What the event's words are about, and the last words before it: latent semantic axes (Deerwester et al. 1990)."""
    words = events["query"].astype(object).fillna("") + " " + events["text"].astype(object).fillna("")
    distinct, rows = np.unique(words.str.strip().to_numpy(dtype=str), return_inverse=True)
    if len(distinct) <= 1:
        return {}
    grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 3), max_features=_GRAMS, sublinear_tf=True)
    counts = grams.fit_transform(distinct)
    axes = TruncatedSVD(min(_TEXT_AXES, counts.shape[1] - 1), random_state=0).fit_transform(counts)[rows]
    own = pd.DataFrame(np.where((distinct == "")[rows, None], np.nan, axes))
    last = own.groupby(session).ffill()
    return {f"words_{axis}": own[axis] for axis in own} | {f"last_words_{axis}": last[axis] for axis in last}


def _filled(values: pd.Series, otherwise: pd.Series) -> pd.Series:
    return values.astype(object).where(values.notna(), otherwise.astype(object))


def _codes(values: pd.Series, most: int) -> pd.Series:
    """The commonest values as 1 .. most by name, anything else as 0."""
    common = values.value_counts().index[:most]
    return values.map({name: place + 1 for place, name in enumerate(sorted(common))}).fillna(0)
