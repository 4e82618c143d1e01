"""The Collect page: posts that were acknowledged and could not be stored are told, and can be stored again."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.context import AppContext
from app.navigation import FOLDER
from app.views.collect_set_aside import _events
from core.store.frames import read_rows
from core.store.set_aside import list_set_aside
from tests.core.store.test_set_aside import EVENTS, post_and_set_aside, without_persons

APP = str(FOLDER.parent / "app" / "main.py")
TITLE = "Acknowledged, but not stored"


def _page() -> AppTest:
    page = AppTest.from_file(APP, default_timeout=60).run()
    return page.switch_page(str(Path("..") / "pages" / "collect.py")).run()


def _press(page: AppTest, label: str) -> AppTest:
    page = next(button for button in page.button if button.label == label).click().run()
    assert not page.exception
    return page


def _titles(page: AppTest) -> list[str]:
    return [title.value for title in page.subheader]


def _said(page: AppTest) -> list[str]:
    return [text.value for text in page.markdown]


@pytest.mark.usefixtures("app_context")
def test_nothing_is_said_while_every_post_is_stored() -> None:
    page = _page()
    assert not page.exception
    assert TITLE not in _titles(page)


def test_a_post_is_told_with_its_reason_and_stored_again(app_context: AppContext) -> None:
    post_and_set_aside(app_context.warehouse)
    page = _page()
    assert TITLE in _titles(page)
    assert "could not store afterwards: 1" in page.error[0].value
    row = next(frame.value for frame in page.dataframe if "number" in frame.value).iloc[0]
    assert (row["events"], row["refused"]) == (1, 1)
    assert "person_links" in row["reason"]
    assert json.loads(_events())["event_id"] == "p0"
    with without_persons(app_context.warehouse):
        page = _press(page, "Store again")
    assert any("still could not be stored: 1" in said for said in _said(page))
    page = _press(page, "Store again")
    assert any("Posts stored: 1" in said for said in _said(page))
    assert TITLE not in _titles(page)
    assert read_rows(app_context.warehouse, EVENTS) == [("p0",)]


def test_posts_put_away_come_back_by_undo(app_context: AppContext) -> None:
    post_and_set_aside(app_context.warehouse)
    page = _press(_page(), "Put away")
    assert TITLE not in _titles(page)
    assert list_set_aside(app_context.warehouse) == []
    page = _press(page, "Undo")
    assert TITLE in _titles(page)
    assert len(list_set_aside(app_context.warehouse)) == 1
