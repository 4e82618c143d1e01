"""Suggestions beside a session, from the serving model or the rules: some hidden, some planted wrong on purpose.

The hidden share says what people label when nobody tells them; the planted ones whether they look before they agree.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from core.active.chance import unit
from core.active.options import ScoredModel
from core.errors import InvalidRuleError
from core.store.frames import read_rows
from core.store.warehouse import Warehouse
from core.weak.suggesting import AGENT, rule_suggestions


@dataclass(frozen=True)
class SuggestionSettings:
    """blind_share: of the sessions, never shown a suggestion; planted_share: of the others, shown a wrong one."""

    blind_share: float = 0.2
    planted_share: float = 0.05


@dataclass(frozen=True)
class Opinion:
    """The likeliest intent of a session by one agent (a model or the rules), and its probability."""

    intent: str
    score: float
    agent: str


def suggest(
    warehouse: Warehouse,
    session_ids: Sequence[str],
    *,
    annotator: str,
    model: ScoredModel | None,
    intents: Sequence[str],
    settings: SuggestionSettings | None = None,
) -> dict[str, dict[str, Any]]:
    """{session_id: {intent, score, agent, blind, planted}} for those of which anybody has an opinion.

    Whether one is blind or planted depends on the session and the annotator alone, so that a refresh changes nothing.
    None is planted in a session for which a planted one was answered before, by anybody.

    Args:
        intents: the ids of the taxonomy, of which a planted one is a wrong one.
    """
    settings = settings or SuggestionSettings()
    opinions = {
        one: found for one, found in _opinions(warehouse, session_ids, model).items() if found.intent in intents
    }
    planted_before = _planted_before(warehouse, list(opinions))
    result = {}
    for session_id, opinion in opinions.items():
        blind = unit("blind", session_id, annotator) < settings.blind_share
        plant = unit("planted", session_id, annotator) < settings.planted_share and len(intents) > 1
        planted = plant and not blind and session_id not in planted_before
        intent = _another(intents, opinion.intent, session_id) if planted else opinion.intent
        result[session_id] = {
            "intent": intent,
            "score": opinion.score,
            "agent": opinion.agent,
            "blind": blind,
            "planted": planted,
        }
    return result


def _opinions(warehouse: Warehouse, session_ids: Sequence[str], model: ScoredModel | None) -> Mapping[str, Opinion]:
    """Of the model and the rules who is surer."""
    found = {} if model is None else _by_model(warehouse, session_ids, model)
    for session_id, opinion in _by_rules(warehouse, session_ids).items():
        if session_id not in found or found[session_id].score < opinion.score:
            found[session_id] = opinion
    return found


def _by_rules(warehouse: Warehouse, session_ids: Sequence[str]) -> dict[str, Opinion]:
    """A rule that cannot be used any more silences them all here; the Rules page says which and why."""
    with suppress(InvalidRuleError):
        said = rule_suggestions(warehouse, session_ids)
        return {one: Opinion(intent, round(chance, 4), AGENT) for one, (intent, chance) in said.items()}
    return {}


def _by_model(warehouse: Warehouse, session_ids: Sequence[str], model: ScoredModel) -> dict[str, Opinion]:
    query = """
        SELECT session_id, probabilities FROM session_states
        WHERE model_id = ? AND list_contains(?::VARCHAR[], session_id) AND len(probabilities) = ?
    """
    rows = read_rows(warehouse, query, [model.model_id, list(session_ids), len(model.intents)])
    return {session_id: _likeliest(model, probabilities) for session_id, probabilities in rows}


def _likeliest(model: ScoredModel, probabilities: Sequence[float]) -> Opinion:
    """Merged intents are one."""
    sums: dict[str, float] = {}
    for intent, probability in zip(model.meanings, probabilities, strict=True):
        sums[intent] = sums.get(intent, 0.0) + probability
    best = max(sums, key=lambda intent: sums[intent])
    return Opinion(best, round(sums[best], 4), model.model_id)


def _planted_before(warehouse: Warehouse, session_ids: list[str]) -> set[str]:
    query = """
        SELECT DISTINCT session_id FROM annotations
        WHERE list_contains(?::VARCHAR[], session_id) AND json_extract_string(suggestion, '$.planted') = 'true'
    """
    return {row[0] for row in read_rows(warehouse, query, [session_ids])}


def _another(intents: Sequence[str], right: str, session_id: str) -> str:
    wrong = [intent for intent in intents if intent != right]
    return wrong[int(unit("intent", session_id) * len(wrong))]
