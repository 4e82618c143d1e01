"""Labels out to another tool's file and in again from the Label page, with a word mapped and a line rejected."""

import json
import re
import zipfile
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.chromium import downloaded, wait_until_settled
from tests.browser.server import Server

OFFERED = re.compile(r"/media/[0-9a-f]+(\.(csv|zip|bin))?$")
"""What a download button offers is asked for by the browser as soon as the button is there."""


def _download(page: Page, folder: Path) -> Path:
    dialog = page.get_by_test_id("stDialog")
    with page.expect_response(OFFERED):
        page.get_by_role("button", name="Download labels").click()
    with page.expect_response(OFFERED):
        dialog.get_by_role("combobox").click()
        page.get_by_role("option", name="Label Studio").click()
    expect(dialog.get_by_text("labeling interface")).to_be_visible()
    path = downloaded(page, dialog.get_by_role("button", name="Download", exact=True), ".zip")
    with zipfile.ZipFile(path) as archive:
        assert sorted(archive.namelist()) == ["labels.json", "labels.xml"]
        archive.extractall(folder)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    return folder / "labels.json"


def _labelled_by_bob(path: Path) -> None:
    """Two sessions labelled in the tool, one of them by a word of its own, and one that is not ours."""
    tasks = json.loads(path.read_text(encoding="utf-8"))[:3]
    for task, word in zip(tasks, ("deal", "Buy now", "deal"), strict=True):
        value = {"choices": [word]}
        task["data"].pop("intentlens")
        task["annotations"] = [{"completed_by": {"email": "bob"}, "result": [{"type": "choices", "value": value}]}]
    tasks[2]["data"]["session_id"] = "not-ours"
    path.write_text(json.dumps(tasks), encoding="utf-8")


def test_labels_go_to_label_studio_and_come_back(sample_server: Server, page: Page, tmp_path: Path) -> None:
    page.goto(f"{sample_server.url}/label?annotator=exchange")
    wait_until_settled(page)
    reading = page.get_by_text("Reading intents of all sessions")
    expect(reading).to_have_count(0, timeout=60_000)  # its end draws the page anew
    path = _download(page, tmp_path)
    _labelled_by_bob(path)
    page.get_by_role("button", name="Bring labels in").click()
    dialog = page.get_by_test_id("stDialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("1")  # the labeler behind the dialog keeps its hands off
    with page.expect_response(OFFERED):
        dialog.locator("input[type=file]").set_input_files(path)
    expect(dialog.get_by_text("Bring in 1 labels")).to_be_visible()
    with page.expect_response(OFFERED):
        dialog.get_by_role("combobox", name="Buy now").click()
        page.get_by_role("option", name="Purchase").click()
    expect(dialog.get_by_text("Bring in 2 labels")).to_be_visible()
    dialog.get_by_text("Rejected lines (1)").click()
    rejected = downloaded(page, dialog.get_by_role("button", name="Download the rejected lines"))
    assert "'not-ours' is not in the warehouse" in rejected.read_text(encoding="utf-8")
    dialog.get_by_role("button", name="Bring in 2 labels").click()
    expect(dialog.get_by_text("2 labels brought in.")).to_be_visible()
    dialog.get_by_role("button", name="Close", exact=True).last.click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("0 sessions labelled")).to_be_visible()
