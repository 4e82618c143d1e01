"""Votes: all rules over all sessions as one SELECT, after one pass over the events for the features they need."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.errors import InvalidRuleError, RefusedQueryError
from core.store.bulk_labels import IS_BULK
from core.store.locked_queries import locked_cursor
from core.store.warehouse import Warehouse
from core.weak.compiled import CompiledRule
from core.weak.conditions import compile_conditions
from core.weak.expressions import compile_expression
from core.weak.features import Feature
from core.weak.labeling_function import KINDS, LabelingFunction
from core.weak.prototypes import compile_text_rule
from core.weak.queries import compile_sql

MOST_RULES = 60
"""Rules that vote together; a session's votes are the bits of one number."""

TIME_LIMIT_S = 120.0


def compile_rule(warehouse: Warehouse, rule: LabelingFunction) -> CompiledRule:
    """The rule as a condition in SQL.

    Raises:
        InvalidRuleError: its definition cannot be used; the message names the bad part.
    """
    if rule.kind == "conditions":
        return compile_conditions(rule.definition)
    if rule.kind == "python":
        return compile_expression(str(rule.definition.get("expression", "")))
    if rule.kind == "sql":
        return compile_sql(warehouse, str(rule.definition.get("sql", "")))
    if rule.kind == "texts":
        return compile_text_rule(warehouse, rule.definition, rule.intent)
    raise InvalidRuleError(f"The rule's kind is '{rule.kind}', expected one of {', '.join(KINDS)}.")


@dataclass(frozen=True)
class Patterns:
    """Sessions that got the same votes, together.

    fires: [P, R] bool, which rules voted; sessions: [P] int64, how many got this pattern;
    answers: [P, K] float64, how many of them people labeled as each of `intents`.
    """

    rules: tuple[LabelingFunction, ...]
    intents: tuple[str, ...]
    fires: np.ndarray
    sessions: np.ndarray
    answers: np.ndarray


def vote_patterns(warehouse: Warehouse, rules: Sequence[LabelingFunction], intents: tuple[str, ...]) -> Patterns:
    """The votes of all sessions (none of bots), counted by pattern, beside what people said of them.

    Raises:
        InvalidRuleError: a rule cannot be used or fails on the log; the message names it.
    """
    query = f"""
        WITH votes AS ({votes_sql(warehouse, rules)}), answers AS ({HUMAN_ANSWERS})
        SELECT votes, intent, count(*) AS sessions FROM votes LEFT JOIN answers USING (session_id)
        GROUP BY votes, intent ORDER BY votes, intent
    """
    found = _run(warehouse, rules, query, {})
    masks, place = np.unique(found["votes"].to_numpy(dtype=np.int64), return_inverse=True)
    sessions = np.bincount(place, weights=found["sessions"], minlength=len(masks)).astype(np.int64)
    answers = np.zeros((len(masks), len(intents)))
    for row, intent, count in zip(place, found["intent"], found["sessions"], strict=True):
        if intent in intents:
            answers[row, intents.index(intent)] += count
    return Patterns(tuple(rules), intents, fired(masks, len(rules)), sessions, answers)


def votes_of(
    warehouse: Warehouse, rules: Sequence[LabelingFunction], session_ids: Sequence[str] | None = None
) -> pd.DataFrame:
    """session_id and votes (int64, bit r for rule r) of these sessions, or of all; those without a vote left out.

    Raises:
        InvalidRuleError: see vote_patterns.
    """
    within = "" if session_ids is None else "list_contains($session_ids::VARCHAR[], {0}.session_id)"
    query = (
        f"SELECT session_id, votes FROM ({votes_sql(warehouse, rules, within)}) WHERE votes <> 0 ORDER BY session_id"
    )
    return _run(warehouse, rules, query, {} if session_ids is None else {"session_ids": list(session_ids)})


def fired(votes: np.ndarray, rules: int) -> np.ndarray:
    """[N, R] bool of votes [N] int64."""
    bits: np.ndarray = (votes[:, None] >> np.arange(rules)[None, :]) & 1
    return bits.astype(bool)


HUMAN_ANSWERS = f"""
    WITH said AS (
        SELECT session_id, intent, status = 'gold' AS gold FROM training_labels
        WHERE target_kind = 'session' AND NOT {IS_BULK}
    ), counted AS (
        SELECT session_id, intent, bool_or(gold) AS gold, count(*) AS people FROM said GROUP BY session_id, intent
    )
    SELECT session_id, intent FROM counted
    QUALIFY row_number() OVER (PARTITION BY session_id ORDER BY gold DESC, people DESC, intent) = 1
"""
"""What people said of each session they looked at: gold first, else what most of them chose."""


def votes_sql(warehouse: Warehouse, rules: Sequence[LabelingFunction], within: str = "") -> str:
    """SELECT of session_id and votes of every session that is no bot's.

    Args:
        within: a condition that chooses sessions, with {0} for the table.

    Raises:
        InvalidRuleError: a rule cannot be used, or there are too many.
    """
    if len(rules) > MOST_RULES:
        raise InvalidRuleError(f"{len(rules)} rules are active, expected at most {MOST_RULES}; deactivate some.")
    compiled = [_named_compile(warehouse, rule) for rule in rules]
    bits = [
        f"CASE WHEN coalesce({rule.condition}, false) THEN {1 << place} ELSE 0 END"
        for place, rule in enumerate(compiled)
    ]
    features = {name: feature for rule in compiled for name, feature in rule.features.items()}.values()
    columns = "".join(f', {f.sql} AS "{f.name}"' for f in features if f.source == "session")
    columns += "".join(f', {f.source}."{f.name}"' for f in features if f.source != "session")
    joined = "".join(_aggregated(source, features, within.format("e") or "true") for source in _SOURCES)
    return f"""
        SELECT s.session_id, ({" + ".join(bits) or "0"})::BIGINT AS votes FROM (
            SELECT s.session_id{columns} FROM sessions AS s {joined}
            WHERE NOT s.is_bot AND {within.format("s") or "true"}
        ) AS s"""


_SOURCES = {
    "events": "events AS e WHERE {within}",
    "repeats": """(
        SELECT e.session_id, count(*) AS times FROM events AS e WHERE e.item_id IS NOT NULL AND {within}
        GROUP BY e.session_id, e.item_id) AS r""",
    "texts": """(
        SELECT said.session_id, said.part, t.similarity_key, t.similarity, t.rival FROM (
            SELECT DISTINCT session_id, 'query' AS part, e.query AS text FROM events AS e
                WHERE e.query IS NOT NULL AND {within}
            UNION ALL SELECT DISTINCT session_id, 'text', e.text FROM events AS e WHERE e.text IS NOT NULL AND {within}
            UNION ALL SELECT DISTINCT session_id, 'title', i.title FROM events AS e JOIN items AS i USING (item_id)
                WHERE i.title IS NOT NULL AND {within}) AS said
        JOIN text_similarities AS t ON t.text = said.text) AS x""",
}
"""Where aggregates of a session come from. One pass each: counting items within it is many times slower."""


def _aggregated(source: str, features: Collection[Feature], within: str) -> str:
    """The join of all features of one source; empty where there are none."""
    aggregates = ", ".join(f'{feature.sql} AS "{feature.name}"' for feature in features if feature.source == source)
    if not aggregates:
        return ""
    rows = _SOURCES[source].format(within=within)
    return (
        f"LEFT JOIN (SELECT session_id, {aggregates} FROM {rows} GROUP BY session_id) AS {source} USING (session_id) "
    )


def _named_compile(warehouse: Warehouse, rule: LabelingFunction) -> CompiledRule:
    try:
        return compile_rule(warehouse, rule)
    except InvalidRuleError as error:
        named = f"The rule '{rule.name}' cannot be used. " if rule.name else ""  # one that is being written
        raise InvalidRuleError(f"{named}{error}") from error


def _run(
    warehouse: Warehouse, rules: Sequence[LabelingFunction], query: str, parameters: dict[str, object]
) -> pd.DataFrame:
    try:
        with locked_cursor(warehouse, TIME_LIMIT_S) as cursor:
            frame: pd.DataFrame = cursor.execute(query, parameters).df()
        return frame
    except RefusedQueryError as error:
        raise InvalidRuleError(_blame(warehouse, rules, error)) from error


def _blame(warehouse: Warehouse, rules: Sequence[LabelingFunction], error: RefusedQueryError) -> str:
    """Which rule it was: the first that fails alone."""
    if len(rules) == 1:
        return f"The rule '{rules[0].name}' fails on the log. {error}"
    for rule in rules:
        try:
            with locked_cursor(warehouse, TIME_LIMIT_S) as cursor:
                cursor.execute(f"SELECT sum(votes) FROM ({votes_sql(warehouse, [rule])})").fetchall()
        except RefusedQueryError as alone:
            return f"The rule '{rule.name}' fails on the log. {alone}"
    return str(error)
