"""The What if page: what it keeps of a session, what it says of the heatmap's sums, and its second, finer look."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from app.context import AppContext, close_context, start_context
from app.views.newest import Newest
from app.views.visitor_records import event_records, records_of_rows, rows_with_items, with_items
from app.views.what_if import _how_exact
from app.views.what_if_rows import editor_rows
from app.views.what_if_state import Subject, ask_what_if
from core.events.rows import plain_rows
from core.explain.verdict import TRUSTED_ERROR
from core.model.scorer import SessionScorer
from core.settings import Settings
from tests.core.explain.shop_model import set_mean_event
from tests.core.explain.test_what_if import past_of
from tests.core.model.conftest import make_checkpoint
from tests.core.model.shop import Shop, make_shop


@pytest.fixture
def started(settings: Settings) -> Iterator[AppContext]:
    started = start_context(settings)
    started.starter.wait(20)
    yield started
    close_context()


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop()


@pytest.fixture
def subject(started: AppContext, shop: Shop) -> Subject:
    scorer = SessionScorer(make_checkpoint(shop, max_events=32))
    set_mean_event(scorer, shop)
    scorer.temperature = 0.02  # the probability jumps somewhere along the path: a first look misses it
    return Subject(scorer, past_of(shop, 7, sessions=3))


def test_an_edit_moves_what_comes_after_and_not_what_was(subject: Subject) -> None:
    unedited = ask_what_if(subject, "")
    assert unedited.after == unedited.before
    first = subject.what_if.rows[0]["event_id"]
    edited = ask_what_if(subject, f'[["r","{first}"]]')
    assert edited.error is None
    assert edited.before == unedited.before
    assert edited.after != edited.before
    marks = [row["mark"] for row in editor_rows(edited)]
    assert marks == ["removed"] + [""] * (len(marks) - 1)


def test_what_is_undone_and_done_again_is_not_asked_twice(subject: Subject) -> None:
    first = subject.what_if.rows[0]["event_id"]
    edited = ask_what_if(subject, f'[["r","{first}"]]')
    heatmap = edited.explain(subject.what_if.intents[0])
    ask_what_if(subject, "")
    again = ask_what_if(subject, f'[["r","{first}"]]')
    assert again.variant is edited.variant
    assert again.explain(subject.what_if.intents[0]) is heatmap


@pytest.mark.parametrize(
    ("edits", "damaged", "words"),
    [
        ("[[", True, "damaged"),
        ('[["r","nothing"]]', False, "'nothing' is not in the session"),
        ('[["i","new1",null,10,{"item_id":"no-such"}]]', False, "no-such"),
    ],
)
def test_edits_that_cannot_be_are_refused_in_words(subject: Subject, edits: str, damaged: bool, words: str) -> None:
    asked = ask_what_if(subject, edits)
    assert asked.error is not None
    assert words in asked.error
    assert asked.damaged is damaged
    assert asked.after is None
    assert asked.edits == ()
    assert len(editor_rows(asked)) == len(subject.what_if.rows)


def test_a_first_look_that_does_not_add_up_says_so_until_a_finer_one_is_there(subject: Subject) -> None:
    asked = ask_what_if(subject, "")
    changes = np.abs(np.subtract(*asked.variant.ends.numpy()))
    intent_id = subject.what_if.intents[int(changes.argmax())]
    first = asked.explain(intent_id)
    assert first.relative_error > TRUSTED_ERROR
    assert asked.is_rough(first)
    assert "a first look" in _how_exact(first, is_rough=True)
    fine = asked.explain(intent_id, refined=True)
    assert asked.explain(intent_id) is fine
    assert not asked.is_rough(fine)
    said = _how_exact(fine, is_rough=False)
    assert f"{fine.n_steps} points" in said
    assert ("as a hint" in said) is (fine.relative_error > TRUSTED_ERROR)


def test_how_far_it_adds_up_is_never_said_to_be_better_than_it_is(subject: Subject) -> None:
    heatmap = ask_what_if(subject, "").explain(subject.what_if.intents[0])
    for error, said in ((0.0, "within 0.1%"), (0.00441, "within 0.5%"), (0.01, "within 1.0%")):
        assert said in _how_exact(replace(heatmap, relative_error=error), is_rough=False)


def test_rows_are_joined_with_their_items_as_frames_are(shop: Shop) -> None:
    events = shop.events.head(40)
    items = {row["item_id"]: row for row in plain_rows(shop.items.head(6))}
    joined = records_of_rows(rows_with_items(plain_rows(events), items))
    assert joined == event_records(with_items(events, shop.items.head(6)))
    assert pd.Series([row["title"] for row in joined]).notna().any()


def test_the_newest_answers_are_kept() -> None:
    asked: list[str] = []
    newest: Newest[int] = Newest(2)

    def answer(key: str) -> int:
        return newest.get(key, lambda: asked.append(key) or len(asked))

    assert [answer(key) for key in "abab"] == [1, 2, 1, 2]
    answer("a")
    answer("c")
    assert "b" not in newest
    assert answer("a") == 1
    assert asked == ["a", "b", "c"]
