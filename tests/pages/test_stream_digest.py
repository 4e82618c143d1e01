"""Kept answers are asked for anew once the model would read something else, and only then."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pandas as pd
import pytest

from app.context import close_context, start_context
from app.views.explain import _explained
from app.views.stream_digest import stream_digest
from core.model.scorer import SessionScorer
from core.settings import Settings
from tests.core.model.conftest import make_checkpoint
from tests.core.model.shop import Shop, make_shop

START = datetime(2026, 3, 2, 10, 0)
EVENTS = pd.DataFrame(
    {"event_id": ["a", "b"], "session_id": "s1", "occurred_at": [START, START + timedelta(minutes=1)], "query": "mug"}
)
ITEMS = pd.DataFrame({"item_id": ["mug"], "title": ["Mug"], "price": [9.5]})


def test_the_same_events_and_items_have_the_same_digest() -> None:
    assert stream_digest("m", EVENTS, ITEMS) == stream_digest("m", EVENTS.set_index([[7, 8]]), ITEMS.copy())


@pytest.mark.parametrize(
    ("model_id", "events", "items"),
    [
        ("other", EVENTS, ITEMS),
        ("m", pd.concat([EVENTS.assign(event_id=["late", "b"]).head(1), EVENTS]), ITEMS),
        ("m", EVENTS.assign(session_id=["s1", "s2"]), ITEMS),
        ("m", EVENTS, ITEMS.assign(price=12.0)),
        ("m", EVENTS, ITEMS.head(0)),
    ],
)
def test_another_model_a_late_event_a_split_session_and_a_new_price_change_it(
    model_id: str, events: pd.DataFrame, items: pd.DataFrame
) -> None:
    assert stream_digest(model_id, events, items) != stream_digest("m", EVENTS, ITEMS)


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop()


@pytest.fixture
def running(settings: Settings) -> Iterator[None]:
    start_context(settings)
    yield
    close_context()


@pytest.mark.usefixtures("running")
def test_a_late_event_of_the_past_is_in_the_next_heatmap(shop: Shop) -> None:
    scorer = SessionScorer(make_checkpoint(shop, max_events=32))
    known = next(stream for _, stream in shop.events.groupby("visitor_id") if len(stream) > 5).reset_index(drop=True)
    last, intent = str(known["event_id"].iloc[-1]), scorer.intents[0]

    def shown(past: pd.DataFrame) -> list[str]:
        digest = stream_digest(scorer.model_id, past, shop.items)
        heatmap = _explained(digest, last, intent, None, "gradient_times_input", False, scorer, past)
        return list(heatmap.event_ids)

    before_it_came = known.drop(index=2)
    assert shown(before_it_came) == before_it_came["event_id"].tolist()
    assert shown(known) == known["event_id"].tolist()
