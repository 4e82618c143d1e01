"""Learning while labeling: labels come, a model is really trained, its point is on the curve and it serves."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pyarrow as pa
import pytest
from playwright.sync_api import Browser, Page, expect

from core.active.learning_loop import LearningOptions
from core.events.schema import EVENT_SCHEMA, ITEM_SCHEMA
from core.intents.taxonomy import load_taxonomy
from core.learning.options import save_learning_options
from core.settings import Settings
from core.store.ingest_queries import append_events
from core.store.warehouse import Warehouse
from tests.browser.chromium import DESKTOP, wait_until_settled, watched_page
from tests.browser.server import Server
from tests.core.model.shop import Shop, make_shop

TRAINED_MS = 90_000
"""A real training beside whatever else the machine does; alone it takes ten seconds."""
LABELS = 10


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop(seed=4, visitors=50)


@pytest.fixture(scope="module")
def learning_server(tmp_path_factory: pytest.TempPathFactory, shop: Shop) -> Iterator[Server]:
    """A small shop without labels or model; the first training comes after two sessions an intent."""
    home: Path = tmp_path_factory.mktemp("learning") / "home"
    warehouse = Warehouse.open(Settings(home=home, sample_shop=False))
    events = pa.Table.from_pandas(shop.events, schema=EVENT_SCHEMA, preserve_index=False)
    items = pa.Table.from_pandas(shop.items, schema=ITEM_SCHEMA, preserve_index=False)
    append_events(warehouse, events, items=items)
    load_taxonomy(warehouse)
    save_learning_options(warehouse, LearningOptions(False, first_per_intent=2, every=4), changed_by="lea")
    warehouse.close()
    server = Server(home, sample_shop=False).start()
    yield server
    server.stop()


def _label(server: Server, shop: Shop) -> None:
    """True labels of some sessions, by the API."""
    last = shop.events.assign(truth=shop.truth).groupby("session_id", sort=True).tail(1).head(LABELS)
    operations = [
        {
            "client_id": f"c-{row.session_id}",
            "kind": "submit",
            "session_id": row.session_id,
            "event_id": None,
            "intent": row.truth,
            "status": "submitted",
        }
        for row in last.itertuples()
    ]
    request = urllib.request.Request(
        f"{server.url}/v1/labels",
        data=json.dumps({"annotator": "max", "operations": operations}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert len(json.load(answer)["acknowledged"]) == LABELS


def _card(page: Page) -> str:
    href = page.locator(".labeler a[href*='session=']").first.get_attribute("href") or ""
    return parse_qs(urlparse(href).query)["session"][0]


def test_it_learns_while_somebody_labels_and_the_curve_shows_it(
    learning_server: Server, browser: Browser, page: Page, shop: Shop
) -> None:
    page.goto(f"{learning_server.url}/label?annotator=lea&queue=plain")
    expect(page.get_by_text("This queue needs kinds of behaviour")).to_be_visible(timeout=TRAINED_MS)
    page.goto(f"{learning_server.url}/label?annotator=lea&queue=typical&gold=0")
    wait_until_settled(page)
    panel = page.locator(".st-key-learning")
    expect(panel.get_by_text("Switched off")).to_be_visible()
    expect(panel.get_by_text("the first point comes with the first training")).to_be_visible()
    panel.get_by_text("Learn while I label").click()
    expect(panel.get_by_text("Label sessions of at least two different intents")).to_be_visible()
    before = _card(page)
    _label(learning_server, shop)
    expect(panel.get_by_text("serves: queue and suggestions come from it")).to_be_visible(timeout=TRAINED_MS)
    expect(panel.locator(".js-plotly-plot .errorbar").first).to_be_attached(timeout=TRAINED_MS)
    expect(panel.get_by_text("after 3 more models")).to_be_visible()
    assert _card(page) == before, "the card on the screen stays where it is"
    page.keyboard.press("1")
    expect(page.locator(".labeler .done b").first).to_have_text("1", timeout=20_000)
    expect(panel.get_by_text("Next training after 3 more labelled sessions")).to_be_visible(timeout=TRAINED_MS)
    with watched_page(browser, **DESKTOP) as other:
        other.goto(f"{learning_server.url}/label?annotator=noa&lang=zh")
        wait_until_settled(other)
        expect(other.locator(".st-key-learning").get_by_role("switch", name="边标边学")).to_be_checked()
