"""The whole sample shop as tables, with the truth kept apart."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from core.events.schema import EVENT_SCHEMA, ITEM_SCHEMA
from core.events.synthetic.bayes_filter import bayes_filter
from core.events.synthetic.behavior import INTENTS, SHARPNESS, Behavior
from core.events.synthetic.catalog import Item, make_catalog
from core.events.synthetic.pictures import draw_picture
from core.events.synthetic.sessions import DrawnSession, SessionDrawer
from core.events.synthetic.visits import FIRST_DAY, Visitor, make_visitors, session_length

SEED = 7
SESSIONS = 8000
PICTURE_SCHEMA = pa.schema([pa.field("name", pa.string()), pa.field("png", pa.binary())])
TRUTH_SCHEMA = pa.schema(
    [pa.field("event_id", pa.string()), pa.field("session_id", pa.string()), pa.field("intent", pa.string())]
    + [pa.field(f"p_{intent}", pa.float32()) for intent in INTENTS]
)
_SOURCE = "sample"
_RECEIVED_AFTER = timedelta(seconds=1)


@dataclass(frozen=True)
class Shop:
    """events (EVENT_SCHEMA), items (ITEM_SCHEMA) and pictures (PICTURE_SCHEMA) are what a shop would have.

    truth (TRUTH_SCHEMA, rows as events): the hidden intent of each event and the Bayes filter's posterior from the
    events of the session so far. It is for tests and benchmarks only.
    """

    events: pa.Table
    items: pa.Table
    pictures: pa.Table
    truth: pa.Table


def generate_shop(
    seed: int = SEED, sessions: int = SESSIONS, sharpness: float = SHARPNESS, *, visitors_seed: int | None = None
) -> Shop:
    """The shop of a seed: the same seed and size give the same shop.

    Args:
        visitors_seed: draws other visitors, who behave alike, to the same catalog: a test set that nobody trained on.
    """
    random = np.random.default_rng(seed)
    behavior = Behavior(sharpness)
    catalog = make_catalog(random)
    random = random if visitors_seed is None else np.random.default_rng(visitors_seed)
    drawer = SessionDrawer(behavior, catalog, random)
    rows: list[dict[str, Any]] = []
    truth: list[dict[str, Any]] = []
    for visitor in make_visitors(random, sessions):
        bought = False
        for place, start in enumerate(visitor.starts, start=1):
            drawn = drawer.draw(visitor, start, session_length(random), bought)
            bought = bought or any(row["event_type"] == "purchase" for row in drawn.rows)
            session_id = f"{visitor.visitor_id}-{place}"
            truth += _truth_rows(behavior, drawn, session_id, len(rows))
            rows += [_completed(row, visitor, session_id, len(rows) + number) for number, row in enumerate(drawn.rows)]
    return Shop(
        events=pa.Table.from_pylist(rows, schema=EVENT_SCHEMA),
        items=pa.Table.from_pylist([_item_row(item) for item in catalog], schema=ITEM_SCHEMA),
        pictures=pa.Table.from_pylist(
            [{"name": f"{item.item_id}.png", "png": draw_picture(item)} for item in catalog], schema=PICTURE_SCHEMA
        ),
        truth=pa.Table.from_pylist(truth, schema=TRUTH_SCHEMA),
    )


def _completed(row: dict[str, Any], visitor: Visitor, session_id: str, number: int) -> dict[str, Any]:
    return row | {
        "event_id": _event_id(number),
        "received_at": row["occurred_at"] + _RECEIVED_AFTER,
        "visitor_id": visitor.visitor_id,
        "user_id": visitor.user_id,
        "session_id": session_id,
        "device": visitor.device,
        "country": visitor.country,
        "source": _SOURCE,
    }


def _truth_rows(behavior: Behavior, drawn: DrawnSession, session_id: str, first: int) -> list[dict[str, Any]]:
    posterior = bayes_filter(drawn.start, behavior.transitions, np.stack(drawn.likelihoods))
    return [
        {"event_id": _event_id(first + step), "session_id": session_id, "intent": INTENTS[intent]}
        | {f"p_{name}": round(float(chance), 3) for name, chance in zip(INTENTS, posterior[step], strict=True)}
        for step, intent in enumerate(drawn.intents)
    ]


def _event_id(number: int) -> str:
    return f"e{number + 1:06}"


def _item_row(item: Item) -> dict[str, Any]:
    return {
        "item_id": item.item_id,
        "title": item.title,
        "description": item.description,
        "category": item.category.path,
        "brand": item.brand,
        "price": item.price,
        "currency": "CNY",
        "image": f"{item.item_id}.png",
        "updated_at": FIRST_DAY,
    }
