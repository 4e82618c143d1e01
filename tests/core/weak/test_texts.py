"""Rules by meaning: close texts speak, unread ones do not, each text is encoded once, and bad parts are named."""

import string
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.errors import InvalidRuleError
from core.store.frames import read_rows
from core.store.warehouse import Warehouse
from core.weak.journal import check_rule, get_rule, list_rules, restore_rule, save_rules
from core.weak.labeling_function import LabelingFunction
from core.weak.preview import preview_rule
from core.weak.prototypes import MOST_SENTENCES, read_text_rule
from core.weak.text_similarities import closest_texts, read_texts, saved_text_rules, unread_texts, usual_threshold
from core.weak.voting import votes_of
from tests.core.weak.shop import add_session, fill, label, rule


class Letters:
    """An encoder that counts letters, and notes what it was given."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        self.read.extend(texts)
        return np.array([[text.lower().count(one) for one in string.ascii_lowercase] for text in texts], np.float32)


def texts(*sentences: str, intent: str = "support", threshold: float = 0.8, **more: Any) -> LabelingFunction:
    definition = {"encoder": "letters", "sentences": list(sentences), "threshold": threshold, "margin": 0.0}
    return rule("texts", definition | more, intent)


def read(warehouse: Warehouse, function: LabelingFunction, encode: Letters | None = None) -> Letters:
    encode = encode or Letters()
    read_texts(warehouse, read_text_rule(warehouse, function.definition, function.intent), encode)
    return encode


def fires(warehouse: Warehouse, function: LabelingFunction) -> list[str]:
    return sorted(votes_of(warehouse, [function])["session_id"])


def test_it_fires_where_a_text_is_close_once_the_texts_are_read(warehouse: Warehouse) -> None:
    fill(warehouse)
    asked = texts("return policy")
    assert fires(warehouse, asked) == []
    read(warehouse, asked)
    assert fires(warehouse, asked) == ["returner"]
    assert fires(warehouse, texts("return policy", threshold=1.5)) == []
    assert sorted(votes_of(warehouse, [asked], ["buyer", "returner"])["session_id"]) == ["returner"]
    assert fires(warehouse, replace(asked, definition=asked.definition | {"parts": ["text", "title"]})) == []


def test_a_text_as_close_to_another_intent_speaks_for_neither(warehouse: Warehouse) -> None:
    fill(warehouse)
    definition = read_text_rule(warehouse, texts().definition, "deal").sentences[0]
    add_session(warehouse, "quoter", ("search", {"query": definition}))
    asked = texts(definition, threshold=0.9, margin=0.01)
    read(warehouse, asked)
    assert fires(warehouse, asked) == []
    assert fires(warehouse, texts(definition, threshold=0.9, margin=-0.01)) == ["quoter"]


def test_titles_speak_only_where_they_are_asked(warehouse: Warehouse) -> None:
    fill(warehouse)
    add = "INSERT INTO items (item_id, title) VALUES ('mug', 'Norrby mug')"
    warehouse.write(lambda cursor: cursor.execute(add).fetchall())
    asked = texts("Norrby mug", parts=["title"], threshold=0.99)
    read(warehouse, asked)
    assert fires(warehouse, asked) == ["buyer", "hunter", "leaver"]
    assert fires(warehouse, texts("Norrby mug", parts=["query"], threshold=0.99)) == []


def test_each_text_is_encoded_once_and_new_ones_are_told(warehouse: Warehouse) -> None:
    fill(warehouse)
    asked = texts("return policy")
    resolved = read_text_rule(warehouse, asked.definition, asked.intent)
    assert unread_texts(warehouse, resolved) == 3
    encode = read(warehouse, asked)
    assert unread_texts(warehouse, resolved) == 0
    assert encode.read.count("cheap mug") == 1
    add_session(warehouse, "late", ("search", {"query": "Policy: return"}))
    assert unread_texts(warehouse, resolved) == 1
    again = read(warehouse, asked)
    assert [text for text in again.read if text in {"cheap mug", "Policy: return"}] == ["Policy: return"]
    assert fires(warehouse, asked) == ["late", "returner"]


def test_threshold_and_parts_need_no_reading_but_sentences_do(warehouse: Warehouse) -> None:
    fill(warehouse)
    keys = [
        read_text_rule(warehouse, made.definition, "support").key
        for made in (texts("a"), texts("a", threshold=0.1, margin=0.3, parts=["text"]), texts("b"), texts())
    ]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


def test_similarities_of_drafts_are_dropped_and_those_of_saved_rules_stay(warehouse: Warehouse) -> None:
    fill(warehouse)
    (saved,) = save_rules(warehouse, [texts("return policy")])
    read(warehouse, saved)
    for draft in ("one", "another"):
        read(warehouse, texts(draft))
    kept = read_rows(warehouse, "SELECT count(DISTINCT similarity_key) FROM text_similarities")
    assert kept == [(2,)]
    assert fires(warehouse, saved) == ["returner"]


def test_it_is_saved_loaded_and_brought_back_in_versions(warehouse: Warehouse) -> None:
    fill(warehouse)
    (first,) = save_rules(warehouse, [texts("return policy")])
    (second,) = save_rules(warehouse, [texts("where is it", threshold=0.4)])
    assert (second.version, get_rule(warehouse, "r1").definition["sentences"]) == (2, ["where is it"])
    restore_rule(warehouse, first)
    assert list_rules(warehouse)[0].definition == first.definition
    assert saved_text_rules(warehouse)["r1"].sentences == ("return policy",)


def test_a_preview_tells_chance_and_the_texts_that_speak(warehouse: Warehouse) -> None:
    fill(warehouse)
    for session_id, intent in (("returner", "support"), ("buyer", "purchase"), ("hunter", "deal")):
        label(warehouse, session_id, intent)
    asked = texts("return policy")
    read(warehouse, asked)
    preview = preview_rule(warehouse, asked)
    assert (preview.fires, preview.labeled, preview.correct, preview.chance) == (1, 1, 1, pytest.approx(1 / 3))
    speaking = closest_texts(warehouse, asked)
    assert speaking["text"].iloc[0] == "Return policy"
    assert speaking["speaks"].tolist() == [True, False, False]
    assert speaking["similarity"].iloc[0] == pytest.approx(1.0, abs=0.01)


def test_the_usual_threshold_lets_the_closest_texts_speak(warehouse: Warehouse) -> None:
    fill(warehouse)
    asked = texts("return policy")
    resolved = read_text_rule(warehouse, asked.definition, asked.intent)
    assert usual_threshold(warehouse, resolved) is None
    read(warehouse, asked)
    usual = usual_threshold(warehouse, resolved)
    assert usual is not None
    assert fires(warehouse, texts("return policy", threshold=usual - 0.02)) == ["returner"]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"encoder": ""}, "names no text encoder"),
        ({"sentences": "one"}, "sentences is 'one'"),
        ({"sentences": ["x"] * (MOST_SENTENCES + 1)}, "21 sentences"),
        ({"sentences": ["x" * 501]}, "501 characters"),
        ({"parts": []}, r"parts is '\[\]'"),
        ({"parts": ["price"]}, "price"),
        ({"threshold": None}, "threshold is 'None'"),
        ({"threshold": float("nan")}, "threshold is 'nan'"),
        ({"margin": True}, "margin is 'True'"),
    ],
)
def test_a_definition_that_cannot_be_used_is_named(warehouse: Warehouse, wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidRuleError, match=named):
        check_rule(warehouse, texts("x", **wrong))


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(st.text(max_size=40), max_size=4), encoder=st.text(min_size=1, max_size=20).filter(str.strip))
def test_any_sentences_and_encoders_make_a_rule_that_runs(filled: Warehouse, said: list[str], encoder: str) -> None:
    assert fires(filled, texts(*said, encoder=encoder)) == []
