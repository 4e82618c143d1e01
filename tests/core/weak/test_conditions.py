"""Conditions of the builder: each fires on exactly the sessions that it says, and a bad one is numbered."""

from typing import Any

import pytest

from core.errors import InvalidRuleError
from core.store.frames import read_rows
from core.store.warehouse import Warehouse
from core.weak.compiled import text_literal
from core.weak.conditions import compile_conditions
from core.weak.features import FEATURES
from core.weak.voting import votes_of
from tests.core.weak.shop import conditions


def compare(feature: str, operator: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"what": "compare", "feature": feature, "operator": operator, "value": value} | more


CASES: list[tuple[dict[str, Any], set[str]]] = [
    (compare("count_view", ">=", 2), {"browser"}),
    (compare("count_view", "=", 0), {"returner"}),
    (compare("events", "<=", 2), {"returner", "leaver"}),
    (compare("minutes", ">=", 10), {"leaver"}),
    (compare("longest_gap_minutes", "between", [9, 11]), {"leaver"}),
    (compare("price_min", "<=", 5), {"browser"}),
    (compare("price_mean", "between", [12, 13]), {"browser"}),
    (compare("price_max", ">=", 20), {"browser"}),
    (compare("items", ">=", 2), {"browser"}),
    (compare("most_views_of_an_item", ">=", 2), {"buyer", "leaver"}),
    (compare("hour", "=", 10), {"buyer", "returner", "browser", "hunter", "leaver"}),
    (compare("weekday", ">=", 6), set()),
    (compare("cart_without_purchase", "is", True), {"leaver"}),
    (compare("has_purchase", "is", True), {"buyer"}),
    (compare("device", "in", ["Mobile", "tablet"]), {"buyer"}),
    (compare("device", "in", ["mobile"], negated=True), {"returner", "browser", "hunter", "leaver"}),
    (compare("first_query", "contains", ["policy"]), {"returner"}),
    (compare("last_type", "in", ["coupon"]), {"hunter"}),
    (compare("first_type", "in", ["search"]), {"returner", "hunter"}),
    ({"what": "before", "first": "view", "then": "add_to_cart"}, {"buyer"}),
    ({"what": "before", "first": "add_to_cart", "then": "view"}, {"leaver"}),
    ({"what": "mentions", "where": "query", "words": ["cheap"]}, {"hunter"}),
    ({"what": "mentions", "where": "any", "words": ["退货"]}, {"returner"}),
    ({"what": "mentions", "where": "text", "words": ["cheap"]}, set()),
    ({"what": "mentions", "where": "query", "words": ["polic"]}, set()),
    ({"what": "mentions", "where": "query", "words": ["polic*"]}, {"returner"}),
]


@pytest.mark.parametrize(
    ("condition", "expected"), CASES, ids=lambda value: str(sorted(value) if isinstance(value, set) else value)[:70]
)
def test_a_condition_fires_where_it_says(filled: Warehouse, condition: dict[str, Any], expected: set[str]) -> None:
    assert set(votes_of(filled, [conditions(condition)])["session_id"]) == expected


def test_all_and_any_join_conditions(filled: Warehouse) -> None:
    both = (compare("has_cart", "is", True), compare("has_purchase", "is", True))
    assert list(votes_of(filled, [conditions(*both)])["session_id"]) == ["buyer"]
    assert list(votes_of(filled, [conditions(*both, match="any")])["session_id"]) == ["buyer", "leaver"]


def test_every_feature_can_be_asked_for(filled: Warehouse) -> None:
    asks = {"number": (">=", 0), "text": ("in", ["x"]), "truth": ("is", True)}
    parts = [compare(name, *asks[feature.kind]) for name, feature in FEATURES.items()]
    assert len(votes_of(filled, [conditions(*parts, match="any")])) == 5


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (compare("moon", ">=", 1), "Condition 2: 'moon' is nothing known"),
        (compare("events", "!=", 1), "Condition 2: 'events' cannot be asked '!='"),
        (compare("events", ">=", "many"), "the value of 'events' is 'many', expected a number"),
        (compare("events", ">=", float("nan")), "expected a number"),
        (compare("events", "between", [1]), "expected a pair"),
        (compare("has_cart", "is", "yes"), "expected true or false"),
        (compare("device", "in", []), "expected a word"),
        ({"what": "before", "first": "view", "then": "buy"}, "'buy' is no type of event"),
        ({"what": "mentions", "where": "brand", "words": ["x"]}, "'brand' holds no words"),
        ({"what": "mentions", "where": "any", "words": [" ", "*"]}, "no words to look for"),
        ({"what": "guess"}, "what is 'guess'"),
        ("events > 3", "is no condition"),
    ],
)
def test_a_bad_condition_is_numbered_and_named(filled: Warehouse, condition: Any, message: str) -> None:
    with pytest.raises(InvalidRuleError, match="A rule") as raised:
        votes_of(filled, [conditions(compare("events", ">=", 1), condition)])
    assert message in str(raised.value)


def test_a_rule_without_conditions_is_refused(filled: Warehouse) -> None:
    with pytest.raises(InvalidRuleError, match="no conditions"):
        votes_of(filled, [conditions()])


@pytest.mark.parametrize("word", ["it's", "a.b", "(", "50%", "\\", 'say "x"', "退'货", "a*b", "$1"])
def test_words_are_looked_for_as_they_are(filled: Warehouse, word: str) -> None:
    """What the builder asks of the database, asked of two texts."""
    compiled = compile_conditions({"conditions": [{"what": "mentions", "where": "query", "words": [word]}]})
    (feature,) = compiled.features.values()
    texts = {name: f"SELECT {text_literal(text)} AS query" for name, text in (("has", f"x {word} y"), ("not", "aXb"))}
    answers = {
        name: read_rows(filled, f"SELECT {feature.sql} FROM ({text}) AS e")[0][0] for name, text in texts.items()
    }
    assert answers == {"has": True, "not": False}
