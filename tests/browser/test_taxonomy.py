"""Intents: renamed, merged after a look at what it touches, undone; and a guideline written here shown to a labeler."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.intents.annotations import submit_annotations
from core.intents.taxonomy import load_taxonomy
from core.settings import Settings
from core.store.warehouse import Warehouse
from tests.browser.chromium import downloaded, wait_until_settled
from tests.browser.server import Server
from tests.core.intents.shop import annotation, fill_shop

DRAWN_MS = 20_000


@pytest.fixture(scope="module")
def taxonomy_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Ten sessions, three of them labelled as deal or browse."""
    home: Path = tmp_path_factory.mktemp("taxonomy") / "home"
    warehouse = Warehouse.open(Settings(home=home, sample_shop=False))
    fill_shop(warehouse)
    load_taxonomy(warehouse)
    said = [("deal", "s0", "mei"), ("deal", "s1", "mei"), ("browse", "s1", "jonas")]
    submit_annotations(warehouse, [annotation(*one) for one in said])
    warehouse.close()
    server = Server(home, sample_shop=False).start()
    yield server
    server.stop()


def _open(page: Page, server: Server, path: str) -> None:
    page.goto(server.url + path)
    wait_until_settled(page, 60)
    expect(page.get_by_test_id("stAlertContentError")).to_have_count(0)


def test_an_intent_is_renamed_merged_and_given_back(page: Page, taxonomy_server: Server) -> None:
    _open(page, taxonomy_server, "/taxonomy?lang=en&intent=deal&annotator=lead")
    page.get_by_role("textbox", name="Name (English)").fill("Bargain")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Bargain renamed to “Bargain” (en)")).to_be_visible(timeout=DRAWN_MS)
    wait_until_settled(page)

    page.get_by_role("button", name="Merge …").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Touched: 2 labels of 2 sessions by 1 annotators.")).to_be_visible(timeout=DRAWN_MS)
    dialog.get_by_role("button", name="Merge Bargain into Browse").click()
    expect(page.get_by_text("Bargain (merged) merged into Browse")).to_be_visible(timeout=DRAWN_MS)
    wait_until_settled(page)
    _open(page, taxonomy_server, "/taxonomy?intent=deal&annotator=lead")
    expect(page.get_by_text("2 current labels were given with it")).to_be_visible(timeout=DRAWN_MS)
    page.get_by_role("button", name="Undo the merge").click()
    expect(page.get_by_text("The merge of Bargain undone")).to_be_visible(timeout=DRAWN_MS)
    wait_until_settled(page)
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_role("button", name="Undo the merge")).to_be_visible(timeout=DRAWN_MS)
    _open(page, taxonomy_server, "/taxonomy?tab=history&from=1&annotator=lead")
    expect(page.get_by_text("+ Name [en]: Bargain")).to_be_visible(timeout=DRAWN_MS)
    page.get_by_role("button", name="Restore version 1").click()
    expect(page.get_by_text("Version or file “1” taken over")).to_be_visible(timeout=DRAWN_MS)


def test_a_guideline_written_here_stands_beside_the_card(page: Page, taxonomy_server: Server) -> None:
    _open(page, taxonomy_server, "/taxonomy?lang=en&tab=guidelines&intent=support&annotator=lead")
    page.get_by_role("textbox", name="What it is about").fill("Parcels only.")
    page.get_by_role("textbox", name="What it is about").press("Control+Enter")
    expect(page.locator("p", has_text="Parcels only.")).to_be_visible(timeout=DRAWN_MS)
    wait_until_settled(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Guideline of Support written")).to_be_visible(timeout=DRAWN_MS)
    wait_until_settled(page)
    page.get_by_role("textbox", name="Session id").fill("s3")
    page.get_by_role("textbox", name="Why, in a line").fill("asked twice")
    page.get_by_role("button", name="Add the example").click()
    expect(page.get_by_text("s3 made an example of Support")).to_be_visible(timeout=DRAWN_MS)

    _open(page, taxonomy_server, "/label?lang=en&annotator=zoe&session=s5")
    expect(page.locator(".labeler .row").first).to_be_visible(timeout=DRAWN_MS)
    page.keyboard.press("g")
    page.locator("[data-intent=support]").hover()
    panel = page.locator(".guidelines")
    expect(panel).to_contain_text("Parcels only.", timeout=DRAWN_MS)
    expect(panel).to_contain_text("asked twice")
    version = panel.locator("header .num").inner_text().split()[-1]
    wait_until_settled(page)
    page.keyboard.press("6")
    expect(page.locator("[data-state=saved]")).to_be_visible(timeout=DRAWN_MS)
    _open(page, taxonomy_server, "/quality?lang=en&tab=history&session=s5&annotator=zoe")
    expect(page.get_by_text("1–1 of 1 rows")).to_be_visible(timeout=DRAWN_MS)
    page.get_by_role("button", name="Prepare").click()
    told = downloaded(page, page.get_by_role("button", name="Download CSV")).read_text(encoding="utf-8").splitlines()
    place = told[0].split(",").index("guideline_version")
    assert told[1].split(",")[place].split(".")[0] == version
