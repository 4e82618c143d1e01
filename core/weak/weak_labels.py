"""Weak labels: the label model's probabilities of sessions nobody labeled, kept for training beside human labels."""

import json
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from core.errors import InvalidRuleError
from core.store.frames import read_rows
from core.store.warehouse import Warehouse
from core.weak.fitting import FittedRules, active_rules, fit_rules, rule_patterns
from core.weak.voting import fired, votes_of

LABEL_SOURCE = "weak"
LEAST_PROBABILITY = 0.02
"""Less is not written: it would only be rows."""


@dataclass(frozen=True)
class WeakLabelVersion:
    """One use of the rules as training labels; the newest counts, and one of no sessions withdraws the others."""

    version: int
    rules: int
    sessions: int
    author: str
    created_at: datetime


def use_as_training_labels(warehouse: Warehouse, *, author: str = "") -> WeakLabelVersion:
    """Write the label model's soft labels of all sessions without a human label, as a new version.

    Raises:
        InvalidRuleError: no usable rule is active, or one fails on the log.
    """
    rules = active_rules(warehouse).usable
    if not rules:
        raise InvalidRuleError("No usable rule is active, expected at least one; activate or build one first.")
    fitted = fit_rules(warehouse, rule_patterns(warehouse, rules))
    labels = _soft_labels(warehouse, fitted)
    names = json.dumps([[rule.rule_id, rule.version] for rule in fitted.rules])
    return _write(warehouse, names, labels, author)


def withdraw_training_labels(warehouse: Warehouse, *, author: str = "") -> WeakLabelVersion:
    """Let training use no weak labels any more: a new version without any."""
    empty = pa.table({"session_id": pa.array([], pa.string()), "intent": [], "probability": []})
    return _write(warehouse, "[]", empty, author)


def weak_label_versions(warehouse: Warehouse) -> list[WeakLabelVersion]:
    """All versions, newest first."""
    query = """
        SELECT version, json_array_length(rules), sessions, author, created_at FROM weak_label_versions
        ORDER BY version DESC
    """
    return [WeakLabelVersion(*row) for row in read_rows(warehouse, query)]


def _soft_labels(warehouse: Warehouse, fitted: FittedRules) -> pa.Table:
    """session_id, intent, probability: one row for each intent that is likely enough."""
    votes = votes_of(warehouse, fitted.rules)
    probabilities = fitted.model.probabilities(fired(votes["votes"].to_numpy(dtype="int64"), len(fitted.rules)))
    rows, places = (probabilities >= LEAST_PROBABILITY).nonzero()
    return pa.table(
        {
            "session_id": pa.array(votes["session_id"].to_numpy(dtype=object)[rows], pa.string()),
            "intent": pa.array(fitted.model.intents).take(pa.array(places)),
            "probability": probabilities[rows, places],
        }
    )


def _write(warehouse: Warehouse, rules: str, labels: pa.Table, author: str) -> WeakLabelVersion:
    now = warehouse.clock()

    def change(cursor: duckdb.DuckDBPyConnection) -> WeakLabelVersion:
        newest = "SELECT coalesce(max(version), 0) FROM weak_label_versions"
        version = int(cursor.execute(newest).fetchall()[0][0]) + 1
        cursor.register("soft_labels", labels)
        cursor.execute(_INSERT, [version, LABEL_SOURCE]).fetchall()
        cursor.unregister("soft_labels")
        count = "SELECT count(DISTINCT session_id) FROM weak_labels WHERE version = ?"
        sessions = int(cursor.execute(count, [version]).fetchall()[0][0])
        cursor.execute(
            "INSERT INTO weak_label_versions VALUES (?, ?, ?, ?, ?)", [version, rules, sessions, author, now]
        ).fetchall()
        return WeakLabelVersion(version, len(json.loads(rules)), sessions, author, now)

    return warehouse.write(change)


_INSERT = """
    INSERT INTO weak_labels SELECT ?, session_id, intent, probability, ? FROM soft_labels
    WHERE session_id NOT IN (SELECT session_id FROM training_labels)
"""
