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

    from app.views.visitor_person import choose_person

    person = choose_person(st.query_params["visitor"])
    st.text(f"{person.visitor_ids} {person.marks} {person.latest}")


def _of(visitor: str, **address: str) -> AppTest:
    app = AppTest.from_function(_page, default_timeout=60)
    app.query_params["visitor"] = visitor
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


BOTH = "('*anonymous*', 'second') {'*anonymous*': 'A', 'second': 'B'} second"


def test_any_id_of_a_person_opens_all_of_it(shop: AppContext) -> None:
    append_events(shop.warehouse, table(event(3, visitor="second", minutes=5)))
    shop.warehouse.write(lambda cursor: add_links(cursor, [("second", "ada")]))
    for visitor in ("*anonymous*", "second", "ada", "never seen"):
        assert _of(visitor).text[0].value == BOTH


def test_a_visitor_of_a_person_can_be_seen_alone_and_the_address_keeps_it(shop: AppContext) -> None:
    append_events(shop.warehouse, table(event(3, visitor="second", minutes=5)))
    shop.warehouse.write(lambda cursor: add_links(cursor, [("second", "ada")]))
    assert _of("second", person="0").text[0].value == "('second',) {} second"
    app = _of("second")
    first = app.button[0]
    assert first.label == r"A \*anonymous\* · sessions: 1"
    first.click().run()
    assert [app.query_params[name] for name in ("visitor", "person")] in (
        [["*anonymous*"], ["0"]],
        ["*anonymous*", "0"],
    )
    assert app.text[0].value == "('*anonymous*',) {} *anonymous*"


def test_a_user_without_events_of_its_own_is_the_visitor_it_was(shop: AppContext) -> None:
    app = _of("ada")
    assert app.text[0].value == "('*anonymous*',) {} *anonymous*"
    assert "no events of its own" in app.caption[0].value


def test_a_visitor_nobody_linked_is_alone(shop: AppContext) -> None:
    app = _of("stranger")
    assert not app.button
    assert app.text[0].value == "('stranger',) {} stranger"


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
    found = pd.read_csv(StringIO(visitor_csv(["stranger"])))
    assert found["event_id"].tolist() == ["e2", "e3"]
    assert found[[f"p_{intent}" for intent in INTENTS]].iloc[0].tolist() == scores
    assert found[f"p_{INTENTS[0]}"].isna().tolist() == [False, True]
