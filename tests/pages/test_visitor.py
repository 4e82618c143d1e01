"""The Visitor page: who else the person was."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from app.context import AppContext, close_context, start_context
from core.settings import Settings
from core.store.ingest_queries import append_events
from core.store.person_queries import add_links
from tests.core.store.rows import event, table


@pytest.fixture
def shop(settings: Settings) -> Iterator[AppContext]:
    started = start_context(settings)
    started.starter.wait(20)
    append_events(started.warehouse, table(event(1, visitor="*anonymous*"), event(2, visitor="stranger")))
    links = [("*anonymous*", "ada"), ("never seen", "ada")]
    started.warehouse.write(lambda cursor: add_links(cursor, links))
    yield started
    close_context()


def _page() -> None:
    import streamlit as st

    from app.views.visitor_person import render_same_person

    st.text(f"drawn: {render_same_person(st.query_params['visitor'])}")


def _of(visitor: str) -> AppTest:
    app = AppTest.from_function(_page)
    app.query_params["visitor"] = visitor
    return app.run()


def test_a_user_leads_to_the_anonymous_visitor_it_was(shop: AppContext) -> None:
    app = _of("ada")
    [button] = app.button
    assert button.label == r"\*anonymous\*"
    button.click().run()
    assert app.query_params["visitor"] in ("*anonymous*", ["*anonymous*"])


def test_a_visitor_nobody_linked_leads_nowhere(shop: AppContext) -> None:
    app = _of("stranger")
    assert not app.button
    assert app.text[0].value == "drawn: False"
