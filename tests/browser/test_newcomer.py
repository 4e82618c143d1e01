"""The newcomer's loop in a real browser against the real server: import, label, train, timeline, heatmap."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import wait_until_settled
from tests.browser.server import Server
from tests.core.model.shop import make_shop

LABELS = 10
KEYS = {"browse": "1", "purchase": "4", "support": "6"}
TRAINING_MS = 150_000


@pytest.fixture
def csv_file(tmp_path: Path) -> Path:
    """A small shop as CSV, without session ids of its own; one row has no visitor."""
    shop = make_shop(visitors=40)
    path = tmp_path / "my_shop.csv"
    frame = shop.events.drop(columns=["session_id", "received_at"]).dropna(axis=1, how="all")
    frame.to_csv(path, index=False)
    with path.open("a", newline="") as stream:
        csv.writer(stream).writerow(["bad"] + [""] * (len(frame.columns) - 1))
    return path


@pytest.mark.timeout(400)
def test_a_newcomer_goes_from_a_file_to_an_explained_intent(empty_server: Server, page: Page, csv_file: Path) -> None:
    _import(page, empty_server, csv_file)
    _label(page, empty_server)
    _train(page, empty_server)
    _look(page, empty_server)


def _open(page: Page, server: Server, path: str) -> None:
    page.goto(server.url + path)
    wait_until_settled(page)


def _import(page: Page, server: Server, csv_file: Path) -> None:
    _open(page, server, "/overview")
    expect(page.get_by_text("No events yet")).to_be_visible()
    page.get_by_test_id("stMain").get_by_role("link", name="Import").click()
    page.locator("input[type=file]").set_input_files(csv_file)
    expect(page.get_by_text("Recognised as IntentLens")).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("1 rejected.")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("What the cleaning found")).to_be_visible()


def _label(page: Page, server: Server) -> None:
    _open(page, server, "/label")
    page.get_by_label("Your name").fill("newcomer")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("0 sessions labelled")).to_be_visible()
    for number in range(LABELS):
        page.keyboard.press(list(KEYS.values())[number % len(KEYS)])
        expect(
            page.get_by_text(f"{number + 1} sessions labelled").or_(page.get_by_text("1 session labelled"))
        ).to_be_visible()
    expect(page.get_by_text("Saved")).to_be_visible()


def _train(page: Page, server: Server) -> None:
    _open(page, server, "/train")
    page.get_by_role("button", name="Fine-tune").click()
    expect(page.get_by_text("champion (serves)").filter(visible=True).first).to_be_visible(timeout=TRAINING_MS)


def _look(page: Page, server: Server) -> None:
    _open(page, server, "/visitor?visitor=v0001")
    expect(page.get_by_text("Intent now")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("This page failed")).to_have_count(0)
    _open(page, server, "/sessions")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    _open(page, server, "/explain?session=" + _some_session(server))
    expect(page.get_by_text("What the events add")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("columnheader", name="Event type")).to_be_visible()


def _some_session(server: Server) -> str:
    """A session id, as the API tells it."""
    import json
    import urllib.request

    with urllib.request.urlopen(server.url + "/v1/visitors/v0001/intent", timeout=30) as response:
        session: str = json.load(response)["session_id"]
    return session
