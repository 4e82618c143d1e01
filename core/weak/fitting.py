"""The label model of the rules that are active: fitted to all votes and labels, and kept until they change."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np

from core.errors import InvalidRuleError
from core.intents.taxonomy import load_taxonomy
from core.store.frames import read_rows
from core.store.warehouse import Warehouse
from core.weak.analysis import intents_of
from core.weak.journal import check_rule, list_rules
from core.weak.label_model import LabelModel
from core.weak.labeling_function import LabelingFunction
from core.weak.voting import Patterns, vote_patterns


@dataclass(frozen=True)
class FittedRules:
    """Rules and the label model that weighs their votes."""

    rules: tuple[LabelingFunction, ...]
    model: LabelModel


@dataclass(frozen=True)
class ActiveRules:
    """The active rules that can vote, and of the others why they cannot, by rule_id."""

    usable: tuple[LabelingFunction, ...]
    problems: dict[str, str]


_MOST_CHECKED = 1000
_checked: dict[tuple[str, ...], str] = {}
"""What is wrong with a rule, "" for nothing, as long as neither it nor the taxonomy changes: the labeler asks with
every handful of cards, and checking a dozen rules took longer than making the cards."""


def active_rules(warehouse: Warehouse) -> ActiveRules:
    """The active rules; an intent may have left the taxonomy since a rule was saved."""
    usable, problems = [], {}
    taxonomy = repr(load_taxonomy(warehouse, inactive=True))
    for rule in list_rules(warehouse, active_only=True):
        if problem := _problem(warehouse, rule, taxonomy):
            problems[rule.rule_id] = problem
        else:
            usable.append(rule)
    return ActiveRules(tuple(usable), problems)


def _problem(warehouse: Warehouse, rule: LabelingFunction, taxonomy: str) -> str:
    key = (str(warehouse.settings.warehouse_path), repr(rule), taxonomy)
    if key not in _checked:
        if len(_checked) >= _MOST_CHECKED:
            _checked.clear()
        try:
            check_rule(warehouse, rule)
            _checked[key] = ""
        except InvalidRuleError as error:
            _checked[key] = str(error)
            return str(error)
    return _checked[key]


def rule_patterns(warehouse: Warehouse, rules: Sequence[LabelingFunction]) -> Patterns:
    """The votes of these rules beside the labels, for all intents of the taxonomy.

    Raises:
        InvalidRuleError: a rule cannot be used; the message names it.
    """
    return vote_patterns(warehouse, rules, tuple(intent.id for intent in load_taxonomy(warehouse)))


def state_key(warehouse: Warehouse, rules: Sequence[LabelingFunction]) -> str:
    """Changes when these rules, the log or the labels do, so that what was worked out can be kept until then."""
    state = """SELECT (SELECT count(*) FROM events), (SELECT coalesce(max(sequence), 0) FROM annotations),
        (SELECT (count(*), count(DISTINCT similarity_key)) FROM text_similarities)"""
    return f"{_key(warehouse, rules)} {read_rows(warehouse, state)[0]}"


def fit_rules(warehouse: Warehouse, patterns: Patterns) -> FittedRules:
    """Fit the label model for the intents that a rule votes for or somebody labeled, and keep it.

    Sessions labeled as an intent that no rule votes for are anchors too: they tell where rules are wrong.
    """
    model = fit_label_model(patterns)
    row = [_key(warehouse, patterns.rules), model.to_json(), warehouse.clock()]

    def change(cursor: duckdb.DuckDBPyConnection) -> None:
        cursor.execute("DELETE FROM label_models").fetchall()
        cursor.execute("INSERT INTO label_models SELECT nextval('rule_sequence'), ?, ?, ?", row).fetchall()

    warehouse.write(change)
    return FittedRules(patterns.rules, model)


def fit_label_model(patterns: Patterns) -> LabelModel:
    """The label model of these votes, held to the labels."""
    voted = {rule.intent for rule in patterns.rules}
    used = [
        place
        for place, intent in enumerate(patterns.intents)
        if intent in voted or patterns.answers[:, place].sum() > 0
    ]
    if len(used) < 2:  # nothing to choose from would be certainty
        used = list(range(len(patterns.intents)))
    intents = tuple(patterns.intents[place] for place in used)
    votes_for = intents_of(patterns)
    return LabelModel.fit(
        patterns.fires,
        patterns.sessions,
        np.array([used.index(place) for place in votes_for], dtype=np.int64),
        intents,
        patterns.answers[:, used],
    )


def fitted_rules(warehouse: Warehouse) -> FittedRules | None:
    """The active rules with their label model: the kept one, or a new one where rules changed; None without rules.

    Raises:
        InvalidRuleError: a rule fails on the log.
    """
    rules = active_rules(warehouse).usable
    if not rules:
        return None
    kept = read_rows(warehouse, "SELECT rules, parameters FROM label_models ORDER BY sequence DESC LIMIT 1")
    if kept and kept[0][0] == _key(warehouse, rules):
        return FittedRules(rules, LabelModel.from_json(kept[0][1]))
    return fit_rules(warehouse, rule_patterns(warehouse, rules))


def _key(warehouse: Warehouse, rules: Sequence[LabelingFunction]) -> str:
    """Of the taxonomy, what labels count as: a merge or a split gives the votes and the labels another sense."""
    taxonomy = load_taxonomy(warehouse, inactive=True)
    senses = [[intent.id, intent.active, intent.merged_into] for intent in taxonomy]
    return json.dumps([[[rule.rule_id, rule.version] for rule in rules], senses])
