"""A rule tried before it is saved, and the votes as a table."""

import pytest

from core.errors import InvalidRuleError
from core.store.warehouse import Warehouse
from core.weak.journal import list_rules, save_rules
from core.weak.preview import preview_rule
from core.weak.votes_table import votes_table
from tests.core.weak.shop import fill, label, python, sql


def test_a_preview_counts_and_shows_the_wrong_ones_first(warehouse: Warehouse) -> None:
    fill(warehouse)
    label(warehouse, "buyer", "purchase")
    label(warehouse, "leaver", "deal")
    preview = preview_rule(warehouse, python("count('view') > 0", "purchase"))
    assert (preview.fires, preview.sessions, preview.labeled, preview.correct) == (4, 5, 2, 1)
    assert preview.interval == pytest.approx((0.0945, 0.9055), abs=1e-3)
    assert preview.examples["session_id"].iloc[0] == "leaver"
    assert set(preview.examples["session_id"]) == {"buyer", "browser", "hunter", "leaver"}
    assert list_rules(warehouse) == []


def test_a_rule_that_fires_nowhere_says_so(filled: Warehouse) -> None:
    preview = preview_rule(filled, python("False"))
    assert (preview.fires, preview.sessions, preview.interval) == (0, 5, None)
    assert preview.examples.empty


def test_what_fails_on_the_log_is_told(filled: Warehouse) -> None:
    with pytest.raises(InvalidRuleError, match="Could not convert"):
        preview_rule(filled, sql("CAST(first_query AS INTEGER) > 3"))


def test_a_rule_without_a_name_yet_is_not_named(filled: Warehouse) -> None:
    with pytest.raises(InvalidRuleError, match=r"^'nothing_here' is nothing known"):
        preview_rule(filled, sql("nothing_here = 3", name=""))


def test_the_table_of_votes_names_who_voted_and_who_abstained(warehouse: Warehouse) -> None:
    fill(warehouse)
    assert votes_table(warehouse).empty
    save_rules(
        warehouse,
        [python("has_cart", "purchase", rule_id="cart"), python("mentions('退货')", "support", rule_id="help")],
    )
    table = votes_table(warehouse).set_index("session_id")
    assert list(table.index) == ["buyer", "leaver", "returner"]
    assert list(table.loc["buyer", ["intent", "cart", "help"]]) == ["purchase", "purchase", ""]
    assert list(table.loc["returner", ["intent", "cart", "help"]]) == ["support", "", "support"]
    assert table["probability"].between(0, 1).all()
