"""The tracker names sessions as the derivation in SQL does, event by event and over what is stored."""

from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.realtime.session_names import next_session, stored_sessions
from core.settings import Settings
from core.store.event_queries import visitor_context
from core.store.ingest_queries import append_events
from core.store.stream_queries import visitor_streams
from core.store.warehouse import Warehouse
from tests.core.realtime.following import event, event_table

_GAP = timedelta(minutes=30)
_numbers = count()


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory):
    warehouse = Warehouse.open(Settings(home=tmp_path_factory.mktemp("names") / "home", sample_shop=False))
    yield warehouse
    warehouse.close()


@settings(max_examples=40, deadline=None)
@given(
    drawn=st.lists(
        st.tuples(st.sampled_from((0, 10, 30, 31, 60, 61, 100)), st.sampled_from((None, None, "x", "y"))), min_size=1
    ),
    derived_first=st.integers(0, 5),
)
def test_sessions_are_named_as_the_derivation_names_them(
    stored: Warehouse, drawn: list[tuple[int, str | None]], derived_first: int
) -> None:
    visitor = f"v{next(_numbers)}"
    events = [
        event(
            f"{visitor}-{n:02}",
            visitor,
            datetime(2026, 1, 1) + timedelta(minutes=minute, milliseconds=n),
            session_id=given,
        )
        for n, (minute, given) in enumerate(drawn)
    ]
    if derived_first:
        append_events(stored, event_table(events[:derived_first]))
    append_events(stored, event_table(events), rebuild_sessions=False)
    before, latest = stored_sessions(visitor_streams(stored, [visitor], 100)[visitor], _GAP)
    append_events(stored, event_table([event(f"{visitor}-end", visitor, datetime(2026, 1, 2))]))
    derived = visitor_context(stored, visitor)["session_id"].tolist()
    name, _ = next_session(latest, event(f"{visitor}-end", visitor, datetime(2026, 1, 2), session_id=None), _GAP)
    assert [*before, name] == derived
