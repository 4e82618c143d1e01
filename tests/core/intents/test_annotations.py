"""The journal of annotations: undo, supersede, send again; any order of deeds equals a plain dictionary."""

import shutil
import uuid
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from core.errors import InvalidAnnotationError, UnknownIntentError
from core.intents.annotations import (
    Annotation,
    current_annotations,
    label_progress,
    submit_annotations,
    undo_annotation,
)
from core.intents.taxonomy import DEFAULT_TAXONOMY
from core.settings import Settings
from core.store.ingest_queries import append_events
from core.store.warehouse import Warehouse
from tests.core.store.rows import event, table

AT = datetime(2026, 5, 4, 12)
MOST_CRASHES = 2
"""In one example: a start takes as long as many labels."""
INTENTS = [intent.id for intent in DEFAULT_TAXONOMY]


def annotation(intent: str | None = "browse", **changes: Any) -> Annotation:
    client_id = changes.pop("client_id", uuid.uuid4().hex)
    given = {"target_kind": "session", "session_id": "s1", "event_id": None, "annotator": "mei", "created_at": AT}
    return Annotation(annotation_id=f"a-{client_id}", client_id=client_id, intent=intent, **given | changes)


@pytest.fixture
def shop(warehouse: Warehouse) -> Warehouse:
    rows = [event(n, visitor=f"v{n // 2}", minutes=n, session_id=f"s{n // 2}") for n in range(20)]
    append_events(warehouse, table(*rows))
    return warehouse


def _current(warehouse: Warehouse) -> dict[tuple[str, str | None, str], str | None]:
    rows = current_annotations(warehouse).astype(object)
    rows = rows.where(rows.notna(), None).to_dict("records")
    return {(row["session_id"], row["event_id"], row["annotator"]): row["intent"] for row in rows}


class Journal(RuleBasedStateMachine):
    """Two annotators label, change their minds, undo and send again, while the power fails now and then."""

    folder: Path

    def __init__(self) -> None:
        super().__init__()
        self.home = self.folder / uuid.uuid4().hex
        self.warehouse = Warehouse.open(Settings(home=self.home, sample_shop=False))
        self.crashes = 0
        self.given: list[Annotation] = []
        self.model: dict[tuple[str, str | None, str], Annotation] = {}

    @rule(
        session=st.sampled_from(["s1", "s2"]),
        event_id=st.sampled_from([None, "e1"]),
        annotator=st.sampled_from(["mei", "jonas"]),
        intent=st.sampled_from([*INTENTS, None]),
    )
    def label(self, session: str, event_id: str | None, annotator: str, intent: str | None) -> None:
        kind = "session" if event_id is None else "event"
        made = annotation(intent, session_id=session, event_id=event_id, annotator=annotator, target_kind=kind)
        assert submit_annotations(self.warehouse, [made]) == 1
        self.given.append(made)
        self.model[session, event_id, annotator] = made

    @rule(place=st.integers(0, 1000))
    def send_again(self, place: int) -> None:
        if self.given:
            assert submit_annotations(self.warehouse, [self.given[place % len(self.given)]]) == 0

    @rule(place=st.integers(0, 1000))
    def undo(self, place: int) -> None:
        if not self.given:
            return
        made = self.given[place % len(self.given)]
        target = (made.session_id, made.event_id, made.annotator)
        is_current = self.model.get(target) == made
        assert undo_annotation(self.warehouse, made.client_id, annotator=made.annotator) is is_current
        if is_current:
            del self.model[target]

    @rule(place=st.integers(0, 1000), intent=st.sampled_from(INTENTS))
    def use_an_id_again(self, place: int, intent: str) -> None:
        """For another label: the first that came under an id holds, be it alone or among others."""
        if self.given:
            used = self.given[place % len(self.given)]
            again = replace(used, annotation_id=f"a-{uuid.uuid4().hex}", intent=intent, session_id="s2")
            assert submit_annotations(self.warehouse, [again, used]) == 0

    @precondition(lambda self: self.crashes < MOST_CRASHES)
    @rule()
    def crash(self) -> None:
        """What lies on the disk at this moment, with nothing closed or flushed, is what the next start finds."""
        self.crashes += 1
        found = self.folder / uuid.uuid4().hex
        shutil.copytree(self.home, found)
        self.warehouse.close()
        self.home = found
        self.warehouse = Warehouse.open(Settings(home=found, sample_shop=False))

    @invariant()
    def current_equals_the_model(self) -> None:
        assert _current(self.warehouse) == {target: made.intent for target, made in self.model.items()}

    def teardown(self) -> None:
        self.warehouse.close()


def test_any_order_of_deeds_equals_a_plain_dictionary(tmp_path: Path) -> None:
    machine = type("HomedJournal", (Journal,), {"folder": tmp_path})
    case = machine.TestCase
    case.settings = hypothesis_settings(max_examples=8, stateful_step_count=10, deadline=None)
    case("runTest").runTest()


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"intent": "dance"}, UnknownIntentError, "'dance'"),
        ({"annotator": ""}, InvalidAnnotationError, "annotator is empty"),
        ({"target_kind": "event"}, InvalidAnnotationError, "event_id"),
        ({"target_kind": "planet"}, InvalidAnnotationError, "'planet'"),
        ({"status": "perhaps"}, InvalidAnnotationError, "'perhaps'"),
    ],
)
def test_a_bad_annotation_is_refused_and_nothing_of_its_batch_is_kept(
    changes: dict[str, Any], error: type[Exception], words: str, shop: Warehouse
) -> None:
    with pytest.raises(error, match=words):
        submit_annotations(shop, [annotation(), annotation(**changes)])
    assert _current(shop) == {}


def test_progress_counts_each_target_once_by_intent(shop: Warehouse) -> None:
    submit_annotations(shop, [annotation("deal"), annotation("deal", annotator="jonas"), annotation("deal")])
    progress = label_progress(shop).set_index("intent")
    assert progress.loc["deal", "sessions"] == 1
    assert progress.index.tolist() == INTENTS
