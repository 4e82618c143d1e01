"""Rules built from conditions: a list of them joined by all or any, each over one session.

A condition is one of
    {"what": "compare", "feature": "count_view", "operator": ">=", "value": 3}
    {"what": "compare", "feature": "device", "operator": "in", "value": ["mobile", "tablet"]}
    {"what": "before", "first": "search", "then": "add_to_cart"}
    {"what": "mentions", "where": "query", "words": ["refund", "return*"]}
and may carry "negated": true.
"""

import math
from collections.abc import Mapping
from typing import Any

from core.errors import InvalidRuleError
from core.weak.compiled import CompiledRule, Needs, text_literal
from core.weak.features import FEATURES, ValueKind

MATCHES = ("all", "any")
CONDITIONS = ("compare", "before", "mentions")
OPERATORS: dict[ValueKind, tuple[str, ...]] = {
    "number": (">=", "<=", "=", "between"),
    "text": ("in", "contains"),
    "truth": ("is",),
}
"""What a feature of each kind can be asked."""


def compile_conditions(definition: Mapping[str, Any]) -> CompiledRule:
    """The rule of a definition {"match", "conditions"}.

    Raises:
        InvalidRuleError: the message numbers the bad condition.
    """
    match, conditions = definition.get("match", "all"), definition.get("conditions")
    if match not in MATCHES:
        raise InvalidRuleError(f"match is '{match}', expected one of {', '.join(MATCHES)}.")
    if not isinstance(conditions, list) or not conditions:
        raise InvalidRuleError("The rule has no conditions, expected at least one.")
    needs = Needs()
    parts = []
    for number, condition in enumerate(conditions, start=1):
        try:
            parts.append(f"({_condition(condition, needs)})")
        except InvalidRuleError as error:
            raise InvalidRuleError(f"Condition {number}: {error}") from error
    return CompiledRule((" AND " if match == "all" else " OR ").join(parts), needs.features)


def _condition(condition: Any, needs: Needs) -> str:
    if not isinstance(condition, dict):
        raise InvalidRuleError(f"'{condition}' is no condition, expected an object with 'what'.")
    what = condition.get("what")
    if what == "compare":
        sql = _compare(condition, needs)
    elif what == "before":
        sql = needs.before(str(condition.get("first")), str(condition.get("then")))
    elif what == "mentions":
        words = condition.get("words")
        sql = needs.mentions(str(condition.get("where", "any")), words if isinstance(words, list) else [])
    else:
        raise InvalidRuleError(f"what is '{what}', expected one of {', '.join(CONDITIONS)}.")
    return f"NOT coalesce({sql}, false)" if condition.get("negated") else sql


def _compare(condition: Mapping[str, Any], needs: Needs) -> str:
    name, value = str(condition.get("feature")), condition.get("value")
    column = needs.named(name)
    kind = FEATURES[name].kind
    operator = condition.get("operator", OPERATORS[kind][0])
    if operator not in OPERATORS[kind]:
        raise InvalidRuleError(f"'{name}' cannot be asked '{operator}', expected one of {', '.join(OPERATORS[kind])}.")
    if kind == "truth":
        return f"{column} = {'true' if _truth(name, value) else 'false'}"
    if operator == "between":
        low, high = _pair(name, value)
        return f"{column} BETWEEN {low} AND {high}"
    if kind == "number":
        return f"{column} {operator} {_number(name, value)}"
    texts = [text_literal(text.lower()) for text in _texts(name, value)]
    if operator == "in":
        return f"lower({column}) IN ({', '.join(texts)})"
    return " OR ".join(f"contains(lower({column}), {text})" for text in texts)


def _truth(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidRuleError(f"the value of '{name}' is '{value}', expected true or false.")
    return value


def _number(name: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidRuleError(f"the value of '{name}' is '{value}', expected a number.")
    return repr(value)


def _pair(name: str, value: Any) -> tuple[str, str]:
    if not isinstance(value, list) or len(value) != 2:
        raise InvalidRuleError(f"the value of '{name}' is '{value}', expected a pair of numbers.")
    return _number(name, value[0]), _number(name, value[1])


def _texts(name: str, value: Any) -> list[str]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) and text for text in texts):
        raise InvalidRuleError(f"the value of '{name}' is '{value}', expected a word or a list of words.")
    return texts
