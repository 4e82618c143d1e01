"""The Quality page on the sample shop: a dispute is settled and taken back, an earlier label stands again."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.intents.annotations import submit_annotations
from core.intents.taxonomy import load_taxonomy
from core.settings import Settings
from core.store.warehouse import Warehouse
from tests.browser.chromium import wait_until_settled
from tests.browser.server import Server
from tests.core.intents.shop import annotation, fill_shop

DRAWN_MS = 20_000


@pytest.fixture(scope="module")
def quality_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Ten sessions: s0 and s1 are disputed by two, s2 is agreed on, and mei has changed her mind on s3."""
    home: Path = tmp_path_factory.mktemp("quality") / "home"
    warehouse = Warehouse.open(Settings(home=home, sample_shop=False))
    fill_shop(warehouse)
    load_taxonomy(warehouse)
    said = [
        annotation("browse", "s0", "mei", lead_time_ms=4200),
        annotation("compare", "s0", "jonas", note="two alike"),
        annotation("search", "s1", "mei"),
        annotation("deal", "s1", "jonas"),
        annotation("deal", "s2", "mei"),
        annotation("deal", "s2", "jonas"),
        annotation("support", "s3", "mei", minutes=1),
        annotation("purchase", "s3", "mei", minutes=2),
    ]
    submit_annotations(warehouse, said)
    warehouse.close()
    server = Server(home, sample_shop=False).start()
    yield server
    server.stop()


def _open(page: Page, server: Server, query: str) -> None:
    page.goto(f"{server.url}/quality?lang=en&{query}")
    wait_until_settled(page, 60)
    expect(page.get_by_test_id("stAlertContentError")).to_have_count(0)


def test_a_dispute_is_settled_by_a_key_leaves_the_list_and_comes_back(quality_server: Server, page: Page) -> None:
    _open(page, quality_server, "tab=disputes")
    expect(page.get_by_text("2 waiting")).to_be_visible(timeout=DRAWN_MS)
    expect(page.get_by_text("Session s0")).to_be_visible()
    expect(page.get_by_text("two alike")).to_be_visible()
    expect(page.get_by_role("button", name="Compare")).to_have_count(0)
    page.get_by_label("Your name").fill("lead")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("you decide as lead")).to_be_visible(timeout=DRAWN_MS)
    expect(page.get_by_role("button", name="Compare")).to_be_visible()
    expect(page.get_by_role("button", name="Later")).to_be_visible()
    wait_until_settled(page)
    page.keyboard.press("3")
    expect(page.get_by_text("1 waiting")).to_be_visible(timeout=DRAWN_MS)
    expect(page.get_by_text("Session s1")).to_be_visible()
    wait_until_settled(page)  # until the buttons of s0 have gone
    page.get_by_role("button", name="Deal").click()
    expect(page.get_by_text("Nothing is disputed here")).to_be_visible(timeout=DRAWN_MS)
    page.get_by_role("button", name="Take back: s1 → Deal").click()
    expect(page.get_by_text("1 waiting")).to_be_visible(timeout=DRAWN_MS)
    _open(page, quality_server, "tab=history&status=gold&stands=yes&annotator=lead")
    expect(page.get_by_text("1–1 of 1 rows")).to_be_visible(timeout=DRAWN_MS)


def test_an_earlier_label_stands_again(quality_server: Server, page: Page) -> None:
    _open(page, quality_server, "tab=history&session=s3&stands=no&annotator=lead")
    expect(page.get_by_text("1–1 of 1 rows")).to_be_visible(timeout=DRAWN_MS)
    _choose_first_row(page)
    expect(page.get_by_text("mei said Support of s3")).to_be_visible(timeout=DRAWN_MS)
    page.get_by_role("button", name="Let this stand again").click()
    expect(page.get_by_text("1–2 of 2 rows")).to_be_visible(timeout=DRAWN_MS)
    _open(page, quality_server, "tab=history&session=s3&stands=yes&annotator=lead")
    _choose_first_row(page)
    expect(page.get_by_text("mei said Support of s3")).to_be_visible(timeout=DRAWN_MS)
    expect(page.get_by_text("This is what stands now")).to_be_visible()


def _choose_first_row(page: Page) -> None:
    """Rows of a table are chosen in their first, narrow column, which a canvas draws."""
    expect(page.get_by_test_id("stDataFrame").locator("canvas").first).to_be_visible(timeout=DRAWN_MS)
    box = page.get_by_test_id("stDataFrame").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 18, box["y"] + 52)


def test_tabs_chosen_one_after_another_are_each_shown_and_kept_in_the_address(
    quality_server: Server, page: Page
) -> None:
    _open(page, quality_server, "tab=agreement&kind=event")
    for tab in ("History", "People", "Suspects", "Disputes"):
        page.get_by_role("radio", name=tab).click(timeout=DRAWN_MS)
        page.wait_for_url(f"**tab={tab.lower()}*")
        wait_until_settled(page)
    assert "kind=" not in page.url


def test_what_cannot_be_computed_is_said_in_words(quality_server: Server, page: Page) -> None:
    _open(page, quality_server, "tab=agreement&kind=event")
    expect(page.get_by_text("Nothing of this kind is labelled yet")).to_be_visible(timeout=DRAWN_MS)
    _open(page, quality_server, "tab=suspects")
    expect(page.get_by_text("No model to judge labels")).to_be_visible(timeout=DRAWN_MS)


@pytest.mark.parametrize("tab", ["disputes", "suspects", "people"])
def test_a_tab_of_the_sample_shop_fits_a_phone_in_chinese(tab: str, phone: Page, sample_server: Server) -> None:
    phone.goto(f"{sample_server.url}/quality?tab={tab}&annotator=lead&lang=zh")
    wait_until_settled(phone, 60)
    expect(phone.get_by_test_id("stException")).to_have_count(0)
    expect(phone.get_by_text(re.compile("NaN|None"))).to_have_count(0)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
