"""Rules as SQL: a boolean expression over a session's features, or a SELECT of the session ids to vote for."""

from core.errors import InvalidRuleError, RefusedQueryError
from core.store.locked_queries import check_condition, check_select
from core.store.warehouse import Warehouse
from core.weak.compiled import CompiledRule, Needs
from core.weak.features import FEATURES


def compile_sql(warehouse: Warehouse, sql: str) -> CompiledRule:
    """The rule of `count_view > 3 AND device = 'mobile'`, or of `SELECT session_id FROM events WHERE …`.

    Raises:
        InvalidRuleError: it cannot be read, or reads more than events, sessions, items and the features.
    """
    text = sql.strip().rstrip(";").strip()
    if not text:
        raise InvalidRuleError("The rule has no SQL, expected a condition or a SELECT of session ids.")
    try:
        if text.split(maxsplit=1)[0].lower() in {"select", "with", "from"}:
            checked = check_select(warehouse, text)
            return CompiledRule(f"s.session_id IN (SELECT * FROM ({checked}))", {})
        return _condition(warehouse, text)
    except RefusedQueryError as error:
        raise InvalidRuleError(str(error)) from error


def _condition(warehouse: Warehouse, text: str) -> CompiledRule:
    condition, columns = check_condition(warehouse, text)
    unknown = sorted(columns - set(FEATURES) - {"session_id"})
    if unknown and "select" not in condition.lower():
        raise InvalidRuleError(f"'{unknown[0]}' is nothing known of a session, expected one of {', '.join(FEATURES)}.")
    needs = Needs()
    for name in sorted(columns & set(FEATURES)):
        needs.named(name)
    return CompiledRule(condition, needs.features)
