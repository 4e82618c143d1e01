"""The Visitor page: who else the person was, the view that an address asks for, and every event as CSV."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from app.context import AppContext, close_context, start_context
from app.views.visitor_download import visitor_csv
from app.views.visitor_timeline import view_asked
from core.settings import Settings
from core.store.event_queries import visitor_events
from core.store.ingest_queries import append_events
from core.store.person_queries import add_links
from core.store.prediction_queries import append_predictions
from tests.app.api.test_intent import register
from tests.core.model.shop import INTENTS
from tests.core.store.rows import event, table


@pytest.fixture
def shop(settings: Settings) -> Iterator[AppContext]:
    started = start_context(settings)
    started.starter.wait(60)
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
    app = AppTest.from_function(_page, default_timeout=60)
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


def test_the_view_of_an_address_holds_moments_and_names_and_nothing_else() -> None:
    address = {"visitor": "v", "from": "1709283603000", "to": "-5", "scale": "time", "event": "e1", "lang": "zh"}
    found = view_asked(address)
    assert (found["from"], found["to"], found["scale"], found["event"]) == (1_709_283_603_000, -5, "time", "e1")
    assert (found["model2"], found["until"]) == ("", "")
    assert not {"visitor", "lang"} & set(found)


@pytest.mark.parametrize("said", ["", "soon", "1e9", "12.5", "９", "9" * 14])
def test_a_moment_that_is_no_number_asks_for_nothing(said: str) -> None:
    assert view_asked({"from": said})["from"] is None


def test_the_csv_has_every_event_and_a_column_for_each_intent_of_the_champion(shop: AppContext, tmp_path: Path) -> None:
    model_id = register(shop, tmp_path)
    session_id = visitor_events(shop.warehouse, "stranger")["session_id"].iloc[0]
    row = {"event_id": "e2", "session_id": session_id, "visitor_id": "stranger"}
    scores = [0.5, 0.5, *[0.0] * (len(INTENTS) - 2)]
    pq.write_table(pa.Table.from_pylist([row | {"probabilities": scores}]), tmp_path / "scored.parquet")
    append_predictions(shop.warehouse, tmp_path / "scored.parquet", model_id)
    append_events(shop.warehouse, table(event(3, visitor="stranger", minutes=1)))
    found = pd.read_csv(StringIO(visitor_csv("stranger")))
    assert found["event_id"].tolist() == ["e2", "e3"]
    assert found[[f"p_{intent}" for intent in INTENTS]].iloc[0].tolist() == scores
    assert found[f"p_{INTENTS[0]}"].isna().tolist() == [False, True]
