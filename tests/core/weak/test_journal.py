"""Rules are kept in versions; every change of one can be undone."""

from dataclasses import replace

import pytest

from core.errors import InvalidRuleError, NotFoundError
from core.intents.taxonomy import DEFAULT_TAXONOMY, load_taxonomy
from core.settings import Settings
from core.store.frames import read_value
from core.store.warehouse import Warehouse
from core.weak.journal import delete_rule, get_rule, list_rules, restore_rule, save_rules, set_active
from core.weak.starter import starter_rules
from core.weak.voting import votes_of
from tests.core.weak.shop import fill, python, sql


def test_a_rule_is_kept_across_a_restart_and_versions_count_up(settings: Settings) -> None:
    warehouse = Warehouse.open(settings)
    (kept,) = save_rules(warehouse, [python("has_cart", name=" Cart ", author="ana")])
    save_rules(warehouse, [replace(kept, name="Cart again")])
    warehouse.close()
    warehouse = Warehouse.open(settings)
    (found,) = list_rules(warehouse)
    assert (found.name, found.version, found.author, found.definition) == (
        "Cart again",
        2,
        "ana",
        {"expression": "has_cart"},
    )
    assert found.created_at is not None
    warehouse.close()


def test_deactivated_deleted_and_back_again(warehouse: Warehouse) -> None:
    save_rules(warehouse, [python("has_cart", rule_id="one"), sql("has_cart", rule_id="two")])
    set_active(warehouse, "one", False)
    assert [rule.rule_id for rule in list_rules(warehouse)] == ["one", "two"]
    assert [rule.rule_id for rule in list_rules(warehouse, active_only=True)] == ["two"]
    gone = delete_rule(warehouse, "one")
    assert [rule.rule_id for rule in list_rules(warehouse)] == ["two"]
    with pytest.raises(NotFoundError, match="'one'"):
        get_rule(warehouse, "one")
    assert restore_rule(warehouse, gone).version == 4
    assert [(rule.rule_id, rule.active) for rule in list_rules(warehouse)] == [("one", False), ("two", True)]


def test_an_edit_is_undone_by_the_version_before(warehouse: Warehouse) -> None:
    (before,) = save_rules(warehouse, [python("has_cart")])
    save_rules(warehouse, [replace(before, definition={"expression": "has_purchase"})])
    restore_rule(warehouse, before)
    assert get_rule(warehouse, "r1").definition == {"expression": "has_cart"}


@pytest.mark.parametrize(
    ("rule", "part"),
    [
        (python("has_cart", name="  "), "The rule's name is '  '"),
        (python("has_cart", name="x" * 81), "1 to 80 characters"),
        (python("has_cart", intent="fly"), "votes for 'fly', expected one of browse"),
        (python("has_car"), "'has_car' is nothing known"),
        (sql("first_type + 1"), "fails on the log"),
        (replace(python("has_cart"), kind="magic"), "kind is 'magic'"),  # type: ignore[arg-type]
    ],
)
def test_one_bad_rule_keeps_all_out(warehouse: Warehouse, rule, part: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidRuleError) as raised:
        save_rules(warehouse, [python("has_purchase", rule_id="good"), rule])
    assert part in str(raised.value)
    assert list_rules(warehouse) == []


def test_nothing_of_the_journal_is_ever_lost(warehouse: Warehouse) -> None:
    save_rules(warehouse, [python("has_cart")])
    set_active(warehouse, "r1", False)
    delete_rule(warehouse, "r1")
    assert read_value(warehouse, "SELECT count(*) FROM labeling_functions") == 3


@pytest.mark.parametrize("language", ["en", "zh", "fr"])
def test_every_starter_rule_can_be_saved_and_votes(warehouse: Warehouse, language: str) -> None:
    fill(warehouse)
    rules = starter_rules(tuple(intent.id for intent in DEFAULT_TAXONOMY), language)
    saved = save_rules(warehouse, rules)
    assert {rule.intent for rule in saved} == {intent.id for intent in load_taxonomy(warehouse)} - {"other"}
    votes = votes_of(warehouse, saved).set_index("session_id")["votes"]
    names = [rule.rule_id for rule in saved]
    assert votes["buyer"] >> names.index("starter-checkout") & 1
    assert votes["returner"] >> names.index("starter-help") & 1
    assert votes["hunter"] >> names.index("starter-bargain") & 1
    assert starter_rules(("deal",))[0].intent == "deal"
