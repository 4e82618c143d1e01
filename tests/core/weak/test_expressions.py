"""Python expressions: what they mean, and that nothing but the safe subset gets through."""

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidRuleError
from core.store.warehouse import Warehouse
from core.weak.expressions import compile_expression
from core.weak.voting import votes_of
from tests.core.weak.shop import python

CASES = [
    ("count('view') >= 2", {"browser"}),
    ("count_view >= 2 and not has_cart", {"browser"}),
    ("has_cart and not has_purchase", {"leaver"}),
    ("1 < price_max / price_min < 5", {"browser"}),
    ("max(items, 3) == 4", {"browser"}),
    ("abs(-events) == 3 or round(minutes) == 10", {"hunter", "leaver"}),
    ("-events + 2 * 3 - 1 == 3", {"returner", "leaver"}),
    ("device in ('mobile', 'tablet')", {"buyer"}),
    ("device not in ['mobile']", {"hunter"}),
    ("'policy' in first_query", {"returner"}),
    ("last_type == 'coupon'", {"hunter"}),
    ("before('view', 'add_to_cart')", {"buyer"}),
    ("mentions('cheap', '退货')", {"returner", "hunter"}),
    ("mentions('退货', where='text')", {"returner"}),
    ("price_max / (count_refund * 1) > 0", set()),
    ("has_cart == True", {"buyer", "leaver"}),
    ("True", {"buyer", "returner", "browser", "hunter", "leaver"}),
]


@pytest.mark.parametrize(("expression", "expected"), CASES)
def test_an_expression_fires_where_it_says(filled: Warehouse, expression: str, expected: set[str]) -> None:
    assert set(votes_of(filled, [python(expression)])["session_id"]) == expected


@pytest.mark.parametrize(
    ("expression", "part"),
    [
        ("", "no Python expression"),
        ("count('view') >=", "count('view') >="),
        ("import os", "import os"),
        ("__import__('os').system('x')", "__import__('os').system"),
        ("open('/etc/passwd')", "'open' may not be called"),
        ("eval('1')", "'eval' may not be called"),
        ("().__class__", "().__class__"),
        ("device.upper() == 'X'", "device.upper"),
        ("device[0] == 'm'", "Subscript"),
        ("[x for x in (1, 2)]", "ListComp"),
        ("(lambda: True)()", "may not be called"),
        ("(y := 3) > 2", "NamedExpr"),
        ("f'{device}' == 'x'", "JoinedStr"),
        ("events if has_cart else minutes", "IfExp"),
        ("2 ** 9999 > 1", "2 ** 9999"),
        ("events // 2 == 1", "events // 2"),
        ("moon > 3", "'moon' is nothing known"),
        ("events", "'events' is a number, expected a truth"),
        ("events == 'three'", "'three'' is a text, expected a number"),
        ("events and True", "'events' is a number"),
        ("device is None", "may not be used"),
        ("b'x' in device", "no value of a rule"),
        ("count('buy') > 1", "'buy' is no type of event"),
        ("count(device) > 1", "'device' is no text"),
        ("count() > 1", "has 0 values"),
        ("mentions()", "has 0 values"),
        ("count('view', x=1) > 1", "takes no 'x='"),
        ("mentions('a', **{'where': 'text'})", "takes no 'None='"),
        ("mentions(*device)", "is no text"),
        ("min(1) > 0", "expected 2 to 9"),
        ("device in ()", "is empty"),
        ("events > 1e999", "no value of a rule"),
        ("'\x00' == device", ""),
        ("not " * 60 + "has_cart", "nested more than"),
    ],
)
def test_what_is_not_allowed_is_refused_and_quoted(expression: str, part: str) -> None:
    with pytest.raises(InvalidRuleError) as raised:
        compile_expression(expression)
    assert part in str(raised.value)


def test_a_very_long_expression_is_refused() -> None:
    with pytest.raises(InvalidRuleError, match="expected at most"):
        compile_expression(" or ".join(["has_cart"] * 2000))


@given(text=st.text(max_size=60))
def test_any_text_is_translated_or_refused_in_our_words(text: str) -> None:
    try:
        compiled = compile_expression(text)
    except InvalidRuleError:
        return
    assert compiled.condition


_LEAVES = st.sampled_from(["events", "price_max", "device", "has_cart", "1", "'x'", "True", "first_query"])
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" and ", " > ", " == ", " + ", " / ", " in "]), inner).map(
            "({0[0]}{0[1]}{0[2]})".format
        ),
        inner.map("(not {})".format),
    ),
    max_leaves=6,
)


@given(expression=_TREES)
@settings(max_examples=60, deadline=None)
def test_what_is_accepted_runs(filled: Warehouse, expression: str) -> None:
    ast.parse(expression)
    try:
        compile_expression(expression)
    except InvalidRuleError:
        return
    votes_of(filled, [python(expression)])
