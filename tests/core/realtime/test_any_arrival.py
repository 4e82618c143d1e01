"""However events arrive, the tracker says at the end what the model says that reads all that is stored."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.events.schema import ITEM_SCHEMA
from core.model.scorer import SessionScorer
from core.settings import Settings
from core.store.import_queries import set_item_images
from core.store.ingest_queries import append_events
from core.store.session_queue import settle_sessions
from core.store.warehouse import Warehouse
from tests.core.model.conftest import make_checkpoint
from tests.core.model.shop import CATEGORIES, Shop
from tests.core.realtime.following import Following, another_model, event, event_table

_START = datetime(2026, 5, 4, 10)
_MINUTES = (0, 0.5, 1, 5, 29, 30, 31, 45, 60, 61, 90, 200)
_examples = count()

_events = st.fixed_dictionaries(
    {
        "event_id": st.integers(0, 60),
        "visitor_id": st.integers(0, 2),
        "minute": st.sampled_from(_MINUTES) | st.floats(0, 300, allow_nan=False),
        "event_type": st.sampled_from(("view", "search", "add_to_cart", "purchase", "page")),
        "item_id": st.none() | st.integers(0, 3),
        "query": st.none() | st.sampled_from(("buy 手机", "refund policy", "")),
        "category": st.none() | st.sampled_from(CATEGORIES),
        "price": st.none() | st.floats(1, 500),
        "session_id": st.none() | st.none() | st.sampled_from(("x", "y")),
    }
)
_items = st.fixed_dictionaries(
    {
        "item_id": st.integers(0, 3),
        "title": st.none() | st.sampled_from(("Shoes model 2", "手机 128gb")),
        "category": st.none() | st.sampled_from(CATEGORIES),
        "brand": st.none() | st.sampled_from(("brand1", "brand2")),
        "price": st.none() | st.floats(1, 500),
    }
)
_acts = st.one_of(
    st.tuples(st.just("commit"), st.lists(_events, min_size=1, max_size=12), st.lists(_items, max_size=2)),
    st.tuples(st.just("commit"), st.lists(_events, min_size=1, max_size=2), st.just([])),
    st.tuples(st.just("import"), st.lists(_events, min_size=1, max_size=4), st.lists(_items, max_size=2)),
    st.tuples(st.just("wait"), st.none(), st.none()),
    st.tuples(st.just("ask"), st.integers(0, 2), st.none()),
    st.tuples(st.just("derive"), st.none(), st.none()),
    st.tuples(st.just("promote"), st.none(), st.none()),
    st.tuples(st.just("picture"), st.integers(0, 3), st.none()),
)


class World:
    """A warehouse, two models, and a tracker that remembers a few visitors or many."""

    def __init__(self, warehouse: Warehouse, models: tuple[SessionScorer, SessionScorer], pictures: Path) -> None:
        self.warehouse = warehouse
        self.models = models
        self.roomy = Following(warehouse, models[0], pictures)
        self.narrow = Following(warehouse, models[0], pictures, budget_bytes=30_000)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, shop: Shop, media: Path) -> Iterator[World]:
    warehouse = Warehouse.open(Settings(home=tmp_path_factory.mktemp("any") / "home", sample_shop=False))
    first = SessionScorer(make_checkpoint(shop, max_events=8))
    second = another_model(make_checkpoint(shop, max_events=8), "second")
    made = World(warehouse, (first, second), media)
    yield made
    for following in (made.roomy, made.narrow):
        following.live.close()
    warehouse.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(acts=st.lists(_acts, min_size=1, max_size=10), narrow=st.booleans())
def test_incremental_equals_full_for_any_arrival(world: World, acts: list[Any], narrow: bool) -> None:
    following = world.narrow if narrow else world.roomy
    following.scorer = world.models[0]
    name = f"x{next(_examples)}"
    before = following.updates.last_sequence
    committed: set[str] = set()
    imported: set[str] = set()
    visitors: set[str] = set()
    for kind, what, items in acts:
        if kind in {"commit", "import"}:
            events = [_event(name, drawn) for drawn in what]
            known = [_item(name, drawn, place) for place, drawn in enumerate(items)]
            if kind == "commit":
                new = following.commit(events, known)
                committed |= new
            else:
                item_table = pa.Table.from_pylist(known, schema=ITEM_SCHEMA)
                append_events(world.warehouse, _first(events), items=item_table)
                imported |= {event["event_id"] for event in events}
            visitors |= {event["visitor_id"] for event in events}
        elif kind == "ask":
            following.intent(f"{name}-v{what}")
        elif kind == "derive":
            settle_sessions(world.warehouse)
        elif kind == "promote":
            following.scorer = world.models[following.scorer is world.models[0]]
        elif kind == "picture":
            set_item_images(world.warehouse, {f"{name}-i{what}": "i2.png"})
        else:
            following.told()
    stored = [visitor for visitor in sorted(visitors) if following.intent(visitor) is not None]
    for visitor in stored:
        following.assert_right(visitor)
    told = {update.event_id for update in following.told(before)}
    assert committed <= told, "each event is told"
    assert told <= committed | imported, "an imported event only as the newest, after a late one"


def _event(name: str, drawn: dict[str, Any]) -> dict[str, Any]:
    number = drawn["event_id"]
    return event(
        f"{name}-{number:02}",
        f"{name}-v{drawn['visitor_id']}",
        _START + timedelta(minutes=drawn["minute"]),
        event_type=drawn["event_type"],
        item_id=None if drawn["item_id"] is None else f"{name}-i{drawn['item_id']}",
        query=drawn["query"],
        category=drawn["category"],
        price=drawn["price"],
        session_id=None if drawn["session_id"] is None else f"{name}-{drawn['session_id']}",
    )


def _item(name: str, drawn: dict[str, Any], place: int) -> dict[str, Any]:
    return drawn | {"item_id": f"{name}-i{drawn['item_id']}", "updated_at": _START + timedelta(minutes=place)}


def _first(events: list[dict[str, Any]]) -> pa.Table:
    return event_table(list({event["event_id"]: event for event in reversed(events)}.values()))
