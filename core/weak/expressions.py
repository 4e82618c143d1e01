"""Rules as a Python expression: a safe subset, translated to SQL and never run by Python.

Names are the session's features; the calls are count, before, mentions, abs, min, max and round. All else
(attributes, subscripts, comprehensions, lambdas, keywords) is refused by name.
"""

import ast
import math
from collections.abc import Callable
from typing import Any

from core.errors import InvalidRuleError
from core.weak.compiled import CompiledRule, Needs, check_event_type, text_literal
from core.weak.features import FEATURES, ValueKind

LONGEST = 4000
DEEPEST = 40
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "=",
    ast.NotEq: "<>",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_ARITHMETIC: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
Translated = tuple[str, ValueKind]


def compile_expression(expression: str) -> CompiledRule:
    """The rule of an expression such as `count('view') >= 3 and not has_purchase`.

    Raises:
        InvalidRuleError: it is no expression, no condition, or uses what is not allowed; the message quotes the part.
    """
    if len(expression) > LONGEST:
        raise InvalidRuleError(f"The expression has {len(expression)} characters, expected at most {LONGEST}.")
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        detail = f" near '{error.text.strip()}'" if isinstance(error, SyntaxError) and error.text else ""
        raise InvalidRuleError(f"This is no Python expression{detail}: {getattr(error, 'msg', error)}.") from error
    needs = Needs()
    sql = _Translation(needs).truth(tree.body)
    return CompiledRule(sql, needs.features)


class _Translation:
    """Walks the tree; every node knows its kind, so that DuckDB is never asked to compare a word with a number."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs
        self._depth = 0

    def truth(self, node: ast.expr) -> str:
        return self._of_kind(node, "truth")

    def _of_kind(self, node: ast.expr, wanted: ValueKind) -> str:
        sql, kind = self._translate(node)
        if kind != wanted:
            raise InvalidRuleError(f"'{_words(node)}' is a {kind}, expected a {wanted}.")
        return sql

    def _translate(self, node: ast.expr) -> Translated:
        self._depth += 1
        if self._depth > DEEPEST:
            raise InvalidRuleError(f"The expression is nested more than {DEEPEST} deep; split it into several rules.")
        try:
            translate: Callable[[Any], Translated] | None = getattr(self, f"_{type(node).__name__.lower()}", None)
            if translate is None:
                raise InvalidRuleError(f"'{_words(node)}' ({type(node).__name__}) may not be used in a rule.")
            return translate(node)
        finally:
            self._depth -= 1

    def _constant(self, node: ast.Constant) -> Translated:
        value = node.value
        if isinstance(value, bool):
            return ("true" if value else "false"), "truth"
        if isinstance(value, int | float) and abs(value) < 1e15 and math.isfinite(value):
            return repr(value), "number"
        if isinstance(value, str):
            return text_literal(value.lower()), "text"
        raise InvalidRuleError(f"'{_words(node)}' is no value of a rule, expected a number, a text, True or False.")

    def _name(self, node: ast.Name) -> Translated:
        column = self._needs.named(node.id)
        kind = FEATURES[node.id].kind
        return (f"lower({column})" if kind == "text" else column), kind

    def _boolop(self, node: ast.BoolOp) -> Translated:
        word = " AND " if isinstance(node.op, ast.And) else " OR "
        return "(" + word.join(self.truth(value) for value in node.values) + ")", "truth"

    def _unaryop(self, node: ast.UnaryOp) -> Translated:
        if isinstance(node.op, ast.Not):
            return f"(NOT {self.truth(node.operand)})", "truth"
        if isinstance(node.op, ast.USub):
            return f"(- {self._of_kind(node.operand, 'number')})", "number"
        raise InvalidRuleError(f"'{_words(node)}' may not be used in a rule, expected 'not' or a minus sign.")

    def _binop(self, node: ast.BinOp) -> Translated:
        sign = _ARITHMETIC.get(type(node.op))
        if sign is None:
            raise InvalidRuleError(f"'{_words(node)}' may not be used in a rule, expected +, -, * or /.")
        left, right = self._of_kind(node.left, "number"), self._of_kind(node.right, "number")
        return (f"({left} / nullif({right}, 0))" if sign == "/" else f"({left} {sign} {right})"), "number"

    def _compare(self, node: ast.Compare) -> Translated:
        parts = []
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            parts.append(self._compared(left, operator, right))
            left = right
        return "(" + " AND ".join(parts) + ")", "truth"

    def _compared(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> str:
        if isinstance(operator, ast.In | ast.NotIn):
            found = self._within(left, right)
            return f"(NOT {found})" if isinstance(operator, ast.NotIn) else found
        sign = _COMPARISONS.get(type(operator))
        if sign is None:
            raise InvalidRuleError(f"'{type(operator).__name__}' may not be used in a rule, expected == or in.")
        sql, kind = self._translate(left)
        return f"({sql} {sign} {self._of_kind(right, kind)})"

    def _within(self, left: ast.expr, right: ast.expr) -> str:
        sql, kind = self._translate(left)
        if isinstance(right, ast.Tuple | ast.List | ast.Set):
            if not right.elts:
                raise InvalidRuleError(f"'{_words(right)}' is empty, expected at least one value.")
            return f"({sql} IN ({', '.join(self._of_kind(value, kind) for value in right.elts)}))"
        return f"contains({self._of_kind(right, 'text')}, {self._of_kind(left, 'text')})"

    def _call(self, node: ast.Call) -> Translated:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in _CALLS:
            raise InvalidRuleError(f"'{_words(node.func)}' may not be called, expected one of {', '.join(_CALLS)}.")
        for keyword in node.keywords:
            if (name, keyword.arg) != ("mentions", "where"):
                raise InvalidRuleError(f"'{name}' takes no '{keyword.arg}=', expected values only.")
        return _CALLS[name](self, node)

    def _call_count(self, node: ast.Call) -> Translated:
        (event_type,) = self._said(node, 1)
        check_event_type(event_type)
        return self._needs.named(f"count_{event_type}"), "number"

    def _call_before(self, node: ast.Call) -> Translated:
        first, then = self._said(node, 2)
        return self._needs.before(first, then), "truth"

    def _call_mentions(self, node: ast.Call) -> Translated:
        where = next((_text(keyword.value) for keyword in node.keywords), "any")
        return self._needs.mentions(where, self._said(node, None)), "truth"

    def _call_number(self, node: ast.Call) -> Translated:
        fewest, most, sql = _NUMBER_CALLS[_words(node.func)]
        if not fewest <= len(node.args) <= most:
            raise InvalidRuleError(f"'{_words(node)}' has {len(node.args)} values, expected {fewest} to {most}.")
        return f"{sql}({', '.join(self._of_kind(value, 'number') for value in node.args)})", "number"

    def _said(self, node: ast.Call, wanted: int | None) -> list[str]:
        if not node.args or (wanted is not None and len(node.args) != wanted):
            raise InvalidRuleError(f"'{_words(node)}' has {len(node.args)} values, expected {wanted or 'some'}.")
        return [_text(value) for value in node.args]


_NUMBER_CALLS = {"abs": (1, 1, "abs"), "round": (1, 1, "round"), "min": (2, 9, "least"), "max": (2, 9, "greatest")}
_CALLS: dict[str, Callable[[_Translation, ast.Call], Translated]] = {
    "count": _Translation._call_count,
    "before": _Translation._call_before,
    "mentions": _Translation._call_mentions,
    **dict.fromkeys(_NUMBER_CALLS, _Translation._call_number),
}


def _text(node: ast.expr) -> str:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        raise InvalidRuleError(f"'{_words(node)}' is no text, expected one in quotes.")
    return node.value


def _words(node: ast.expr) -> str:
    return ast.unparse(node)[:80]
