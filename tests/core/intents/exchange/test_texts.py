"""Whatever people write, in notes, names, queries and ids, comes back from every format as it went."""

import uuid
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.intents.annotations import submit_annotations
from core.intents.exchange import FORMATS, export_annotations
from core.settings import Settings
from core.store.ingest_queries import append_events
from core.store.warehouse import Warehouse
from tests.core.intents.exchange.shop import label
from tests.core.intents.exchange.test_contract import BOTH_WAYS, as_tuple, read_back
from tests.core.store.rows import event, table

_LETTERS = st.characters(codec="utf-8", exclude_characters="\x00")
_WORDS = st.one_of(
    st.text(_LETTERS, min_size=1, max_size=12),
    st.sampled_from(
        ['"', "a,b", "two\nlines", "\r\n", "买手机", "'; DROP TABLE x", "\u2028", "😀", "\\ud800", "[", "null"]
    ),
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(_WORDS, min_size=6, max_size=6),
    note=st.none() | _WORDS,
    on_event=st.booleans(),
)
def test_texts_round_trip(tmp_path: Path, words: list[str], note: str | None, on_event: bool) -> None:
    folder = tmp_path / uuid.uuid4().hex
    session_id, event_id, query, annotator, other, visitor = words
    warehouse = Warehouse.open(Settings(home=folder, sample_shop=False))
    row = event(1, visitor=visitor, session_id=session_id) | {"event_id": event_id, "query": query}
    append_events(warehouse, table(row))
    made = [label(1, "deal", session_id, note=note, annotator=annotator), label(2, None, session_id, annotator=other)]
    if on_event:
        made.append(label(3, "search", session_id, event_id, note=note, annotator=annotator))
    if other == annotator:
        del made[1]
    submit_annotations(warehouse, made)
    for name in BOTH_WAYS:
        path = folder / f"{name}{FORMATS[name].ending}"
        export_annotations(warehouse, path, name)
        expected = {as_tuple(each) for each in made if each.intent is not None or FORMATS[name].keeps_skipped}
        assert read_back(path, name) == expected, name
    warehouse.close()
