"""Figures of rules, worked out by hand on five sessions."""

import pytest

from core.store.warehouse import Warehouse
from core.weak.analysis import conflict, coverage, judge, rule_figures, wilson_interval
from core.weak.voting import vote_patterns
from tests.core.weak.shop import fill, label, python

INTENTS = ("browse", "purchase", "support", "deal")
RULES = (
    python("has_cart", "purchase", rule_id="cart"),  # buyer, leaver
    python("count('view') >= 1", "browse", rule_id="view"),  # buyer, browser, hunter, leaver
    python("has_purchase", "purchase", rule_id="order"),  # buyer
    python("mentions('退货')", "support", rule_id="help"),  # returner
    python("False", "deal", rule_id="never"),
)


def test_coverage_overlap_conflict_and_accuracy(warehouse: Warehouse) -> None:
    fill(warehouse)
    for session, intent in (("buyer", "purchase"), ("leaver", "deal"), ("browser", "browse")):
        label(warehouse, session, intent)
    patterns = vote_patterns(warehouse, RULES, INTENTS)
    assert (coverage(patterns), conflict(patterns)) == (1.0, 0.4)
    figures = {row.rule.rule_id: row for row in rule_figures(patterns)}
    cart, view, order, never = (figures[name] for name in ("cart", "view", "order", "never"))
    assert (cart.sessions, cart.coverage, cart.overlap, cart.conflict) == (2, 0.4, 0.4, 0.4)
    assert (cart.labeled, cart.correct, cart.accuracy, cart.chance) == (2, 1, 0.5, pytest.approx(1 / 3))
    assert (view.coverage, view.overlap, view.conflict) == (0.8, 0.4, 0.4)
    assert (view.labeled, view.correct) == (3, 1)
    assert (order.overlap, order.conflict) == (0.2, 0.2)
    assert (figures["help"].overlap, figures["help"].accuracy, figures["help"].low) == (0.0, None, None)
    assert (never.sessions, never.coverage) == (0, 0.0)


def test_gold_decides_then_the_majority(warehouse: Warehouse) -> None:
    fill(warehouse)
    for annotator, intent in (("a", "deal"), ("b", "deal"), ("c", "purchase")):
        label(warehouse, "leaver", intent, annotator)
    cart = [python("has_cart", "deal")]
    assert rule_figures(vote_patterns(warehouse, cart, INTENTS))[0].correct == 1
    label(warehouse, "leaver", "purchase", "chief", status="gold")
    assert rule_figures(vote_patterns(warehouse, cart, INTENTS))[0].correct == 0


def test_the_label_model_is_judged_on_labels_it_has_not_seen(warehouse: Warehouse) -> None:
    fill(warehouse)
    assert judge(vote_patterns(warehouse, RULES, INTENTS)) is None
    label(warehouse, "buyer", "purchase")
    label(warehouse, "returner", "support")
    judgement = judge(vote_patterns(warehouse, RULES, INTENTS))
    assert judgement is not None
    assert (judgement.labeled, judgement.label_model, judgement.majority) == (2, 1.0, 1.0)


def test_bots_do_not_count(warehouse: Warehouse) -> None:
    fill(warehouse)
    warehouse.write(lambda cursor: cursor.execute("UPDATE sessions SET is_bot = session_id = 'buyer'").fetchall())
    assert rule_figures(vote_patterns(warehouse, RULES, INTENTS))[0].coverage == 0.25


def test_wilsons_interval_as_published() -> None:
    """Newcombe 1998, table I: 81 of 263."""
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(0, 10)[0] == 0.0
    assert wilson_interval(10, 10)[1] == pytest.approx(1.0)
