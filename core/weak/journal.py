"""The journal of rules: append-only, so that every edit, deactivation and deletion can be undone."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import duckdb

from core.errors import InvalidRuleError, NotFoundError
from core.intents.intent import by_id
from core.intents.taxonomy import load_taxonomy, merged_intents
from core.store.frames import read_rows
from core.store.warehouse import Warehouse
from core.weak.labeling_function import LabelingFunction
from core.weak.voting import compile_rule, votes_of

LONGEST_NAME = 80
_COLUMNS = "rule_id, name, intent, kind, definition, active, author, version, created_at"
_ORDER = "(SELECT min(first.sequence) FROM labeling_functions AS first WHERE first.rule_id = rule.rule_id)"


def list_rules(warehouse: Warehouse, *, active_only: bool = False) -> list[LabelingFunction]:
    """The rules as they are now, in the order in which they were first saved; deleted ones are left out.

    A rule for an intent that was merged since votes for what that counts as; the journal keeps what was saved.
    """
    query = f"""
        SELECT {_COLUMNS} FROM current_labeling_functions AS rule
        WHERE NOT deleted AND (active OR NOT ?) ORDER BY {_ORDER}
    """
    merged = merged_intents(warehouse)
    return [_counted(_rule(row), merged) for row in read_rows(warehouse, query, [active_only])]


def merged_rules(warehouse: Warehouse) -> dict[str, str]:
    """{rule_id: intent it was saved for} of the rules that vote for another since that was merged."""
    query = """
        SELECT rule_id, intent FROM current_labeling_functions JOIN merged_intents ON intent_id = intent
        WHERE NOT deleted
    """
    return dict(read_rows(warehouse, query))


def get_rule(warehouse: Warehouse, rule_id: str) -> LabelingFunction:
    """One rule as it is now.

    Raises:
        NotFoundError: there is none of that id, or it was deleted.
    """
    query = f"SELECT {_COLUMNS} FROM current_labeling_functions WHERE rule_id = ? AND NOT deleted"
    rows = read_rows(warehouse, query, [rule_id])
    if not rows:
        raise NotFoundError(f"There is no rule '{rule_id}'. The Rules page lists those there are.")
    return _counted(_rule(rows[0]), merged_intents(warehouse))


def new_rule_id() -> str:
    return uuid.uuid4().hex[:8]


def save_rules(warehouse: Warehouse, rules: Sequence[LabelingFunction]) -> list[LabelingFunction]:
    """Keep rules, each as the next version of its id, once all were found usable; returns them as kept.

    Raises:
        InvalidRuleError: a name, an intent or a definition cannot be used, or it fails on the log; nothing is kept.
    """
    for rule in rules:
        check_rule(warehouse, rule)
    now = warehouse.clock()

    def change(cursor: duckdb.DuckDBPyConnection) -> list[LabelingFunction]:
        return [_append(cursor, replace(rule, created_at=now)) for rule in rules]

    return warehouse.write(change)


def set_active(warehouse: Warehouse, rule_id: str, active: bool, *, author: str = "") -> LabelingFunction:
    """Let a rule vote, or let it abstain everywhere.

    Raises:
        NotFoundError: there is none of that id.
    """
    rule = replace(get_rule(warehouse, rule_id), active=active, author=author, created_at=warehouse.clock())
    return warehouse.write(lambda cursor: _append(cursor, rule))


def delete_rule(warehouse: Warehouse, rule_id: str, *, author: str = "") -> LabelingFunction:
    """Take a rule out of the list; `restore_rule` brings it back. Returns it as it was.

    Raises:
        NotFoundError: there is none of that id.
    """
    rule = get_rule(warehouse, rule_id)
    gone = replace(rule, author=author, created_at=warehouse.clock())
    warehouse.write(lambda cursor: _append(cursor, gone, deleted=True))
    return rule


def restore_rule(warehouse: Warehouse, rule: LabelingFunction) -> LabelingFunction:
    """Bring a rule back as it was: after a deletion, an edit or a deactivation."""
    back = replace(rule, created_at=warehouse.clock())
    return warehouse.write(lambda cursor: _append(cursor, back))


def check_rule(warehouse: Warehouse, rule: LabelingFunction) -> None:
    """Refuse a rule that cannot be kept.

    Raises:
        InvalidRuleError: the message names the bad part.
    """
    if not rule.name.strip() or len(rule.name) > LONGEST_NAME:
        raise InvalidRuleError(f"The rule's name is '{rule.name}', expected 1 to {LONGEST_NAME} characters.")
    _check_intent(warehouse, rule)
    compile_rule(warehouse, rule)
    votes_of(warehouse, [rule], [])  # what only the database can tell: types, columns


def _check_intent(warehouse: Warehouse, rule: LabelingFunction) -> None:
    taxonomy = load_taxonomy(warehouse, inactive=True)
    known = [intent.id for intent in taxonomy if intent.active]
    if rule.intent in known:
        return
    gone = by_id(taxonomy).get(rule.intent)
    if gone is not None and gone.split_into:
        raise InvalidRuleError(
            f"The rule votes for '{rule.intent}', which was split; choose one of {', '.join(gone.split_into)}."
        )
    why = ", which is not offered any more; choose another intent or switch the rule off" if gone else ""
    raise InvalidRuleError(f"The rule votes for '{rule.intent}'{why}, expected one of {', '.join(known)}.")


def _counted(rule: LabelingFunction, merged: Mapping[str, str]) -> LabelingFunction:
    return replace(rule, intent=merged.get(rule.intent, rule.intent))


def _append(cursor: duckdb.DuckDBPyConnection, rule: LabelingFunction, *, deleted: bool = False) -> LabelingFunction:
    newest = "SELECT coalesce(max(version), 0) FROM labeling_functions WHERE rule_id = ?"
    version = int(cursor.execute(newest, [rule.rule_id]).fetchall()[0][0]) + 1
    definition = json.dumps(rule.definition, ensure_ascii=False)
    values = [rule.rule_id, version, rule.name.strip(), rule.intent, rule.kind, definition, rule.active, deleted]
    cursor.execute(
        "INSERT INTO labeling_functions SELECT nextval('rule_sequence'), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?",
        [*values, rule.author, rule.created_at],
    ).fetchall()
    return replace(rule, name=rule.name.strip(), version=version)


def _rule(row: tuple[Any, ...]) -> LabelingFunction:
    rule_id, name, intent, kind, definition, *rest = row
    return LabelingFunction(rule_id, name, intent, kind, json.loads(definition), *rest)
