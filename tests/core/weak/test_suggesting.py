"""Suggestions and weak labels: from the same label model, never over what people said."""

import pytest

from core.errors import InvalidRuleError
from core.intents.taxonomy import load_taxonomy, store_taxonomy
from core.store.frames import read_rows, read_value
from core.store.warehouse import Warehouse
from core.weak.fitting import active_rules, fitted_rules
from core.weak.journal import delete_rule, save_rules, set_active
from core.weak.suggesting import rule_suggestions
from core.weak.weak_labels import use_as_training_labels, weak_label_versions, withdraw_training_labels
from tests.core.weak.shop import fill, label, python

RULES = (
    python("has_cart", "purchase", rule_id="cart"),
    python("mentions('退货')", "support", rule_id="help"),
    python("count('coupon') > 0", "deal", rule_id="coupon"),
)


def test_suggestions_name_the_intent_and_its_probability(warehouse: Warehouse) -> None:
    fill(warehouse)
    assert rule_suggestions(warehouse, ["buyer"]) == {}
    save_rules(warehouse, RULES)
    found = rule_suggestions(warehouse, ["buyer", "returner", "browser", "nobody"])
    assert {session: intent for session, (intent, _) in found.items()} == {"buyer": "purchase", "returner": "support"}
    assert all(isinstance(score, float) and 0.5 < score < 1 for _, score in found.values())
    assert rule_suggestions(warehouse, []) == {}


def test_a_changed_rule_counts_at_once_and_a_kept_model_is_used_again(warehouse: Warehouse) -> None:
    fill(warehouse)
    save_rules(warehouse, RULES)
    assert "buyer" in rule_suggestions(warehouse, ["buyer"])
    first = read_value(warehouse, "SELECT sequence FROM label_models")
    rule_suggestions(warehouse, ["buyer", "hunter"])
    assert read_value(warehouse, "SELECT sequence FROM label_models") == first
    set_active(warehouse, "cart", False)
    assert rule_suggestions(warehouse, ["buyer", "hunter"]).keys() == {"hunter"}


def test_a_rule_whose_intent_has_gone_is_told_and_left_out(warehouse: Warehouse) -> None:
    fill(warehouse)
    save_rules(warehouse, RULES)
    store_taxonomy(warehouse, tuple(intent for intent in load_taxonomy(warehouse) if intent.id != "deal"))
    assert "'deal'" in active_rules(warehouse).problems["coupon"]
    assert rule_suggestions(warehouse, ["buyer", "hunter"]).keys() == {"buyer"}


def test_weak_labels_leave_out_what_people_labeled(warehouse: Warehouse) -> None:
    fill(warehouse)
    save_rules(warehouse, RULES)
    label(warehouse, "buyer", "browse")
    written = use_as_training_labels(warehouse, author="ana")
    assert (written.version, written.rules, written.sessions, written.author) == (1, 3, 3, "ana")
    rows = read_rows(
        warehouse, "SELECT session_id, sum(probability), any_value(label_source) FROM weak_labels GROUP BY 1"
    )
    assert {session for session, *_ in rows} == {"returner", "hunter", "leaver"}
    for _, total, source in rows:
        assert (round(total, 1), source) == (1.0, "weak")
    assert "browse" in fitted_rules(warehouse).model.intents  # type: ignore[union-attr]


def test_versions_are_kept_and_the_last_may_withdraw(warehouse: Warehouse) -> None:
    fill(warehouse)
    save_rules(warehouse, RULES)
    use_as_training_labels(warehouse)
    withdraw_training_labels(warehouse)
    assert [(row.version, row.sessions) for row in weak_label_versions(warehouse)] == [(2, 0), (1, 4)]
    for rule in RULES:
        delete_rule(warehouse, rule.rule_id)
    with pytest.raises(InvalidRuleError, match="No usable rule"):
        use_as_training_labels(warehouse)


def test_one_rule_alone_is_not_certain(warehouse: Warehouse) -> None:
    fill(warehouse)
    save_rules(warehouse, [python("has_cart", "purchase")])
    ((intent, probability),) = rule_suggestions(warehouse, ["buyer"]).values()
    assert intent == "purchase"
    assert 1 / 7 < probability < 0.95
