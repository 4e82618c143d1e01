"""Where intents are shown, sessions that have none yet are told with the reason, and a press scores them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.context import AppContext, close_context, start_context
from app.navigation import FOLDER
from core.settings import Settings
from core.store.frames import read_value
from core.store.ingest_queries import append_events
from core.store.prediction_queries import count_unscored
from tests.app.api.test_intent import register
from tests.core.store.rows import event, table

APP = str(FOLDER.parent / "app" / "main.py")
WHY = "sessions have no intent yet"


@pytest.fixture
def imported(settings: Settings) -> Iterator[AppContext]:
    """Three sessions, as of a file, that no model has seen."""
    started = start_context(settings)
    started.starter.wait(60)
    append_events(started.warehouse, table(*[event(n, visitor=f"v{n}") for n in range(3)]))
    yield started
    close_context()


def _page(name: str) -> AppTest:
    page = AppTest.from_file(APP, default_timeout=60).run()
    page = page.switch_page(str(Path("..") / "pages" / f"{name}.py")).run()
    assert not page.exception
    return page


def _said(page: AppTest) -> str:
    return " ".join(text.value for text in (*page.markdown, *page.info))


@pytest.mark.parametrize("name", ["overview", "sessions"])
def test_nothing_is_said_while_no_model_serves(name: str, imported: AppContext) -> None:
    assert WHY not in _said(_page(name))


def test_a_press_scores_them_and_the_notice_goes(imported: AppContext, tmp_path: Path) -> None:
    model_id = register(imported, tmp_path)
    for name in ("sessions", "bulk"):
        assert f"**3 {WHY}**" in _said(_page(name))
    page = _page("overview")
    assert f"**3 {WHY}**" in _said(page)
    assert f"{model_id} has scored no session of these days" in _said(page)
    page = next(button for button in page.button if button.label == "Score all sessions now").click().run()
    assert not page.exception
    assert WHY not in _said(page), "while they are scored, how far that is"
    assert "The model is still reading the sessions" in _said(page)
    (run,) = imported.jobs.runs()
    assert imported.jobs.wait(run.run_id, timeout_s=300).status == "finished"
    assert count_unscored(imported.warehouse, model_id) == 0
    assert read_value(imported.warehouse, "SELECT count(*) FROM session_states") == 3
    page = _page("sessions")
    assert WHY not in _said(page)
    assert page.dataframe[0].value["predicted_intent"].notna().all()
