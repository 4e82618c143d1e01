"""After training from Explain: the page says whether the new model serves, and shows the same event by it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.context import AppContext, close_context, start_context
from core.registry.models import promote
from core.settings import Settings
from tests.app.api.test_intent import register


@pytest.fixture
def running(settings: Settings, tmp_path: Path) -> Iterator[AppContext]:
    started = start_context(settings)
    register(started, tmp_path, "champion")
    register(started, tmp_path, "new")
    yield started
    close_context()


def _said(explaining: str) -> AppTest:
    def page(explaining: str) -> None:
        import streamlit as st

        from app.navigation import PAGES
        from app.views.explain_retrain import _say_made

        st.navigation([st.Page(str(page.file), url_path=page.url) for page in PAGES], position="hidden")
        _say_made("new", explaining)

    shown = AppTest.from_function(page, args=(explaining,), default_timeout=60)
    for name, value in {"session": "s1", "intent": "browse", "against": "support", "other": "x"}.items():
        shown.query_params[name] = value
    return shown.run()


@pytest.mark.usefixtures("running")
def test_a_model_that_waits_is_one_link_away_on_the_same_event() -> None:
    shown = _said("champion")
    assert "new is there. It does not serve yet" in shown.success[0].value
    shown = next(one for one in shown.button if one.label == "Explain this event by the new model").click().run()
    asked = {"session": "s1", "intent": "browse", "against": "support", "model": "new", "run": "new"}
    assert shown.query_params == asked


def test_one_that_serves_and_explains_already_says_so(running: AppContext) -> None:
    promote(running.warehouse, "new")
    shown = _said("new")
    assert "is there, and serves" in shown.success[0].value
    assert [said.value for said in shown.caption] == ["The explanation above is the new model's."]
    assert not shown.button
