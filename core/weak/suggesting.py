"""What the rules would label sessions as: suggestions for the labeler."""

from collections.abc import Sequence

from core.store.warehouse import Warehouse
from core.weak.fitting import fitted_rules
from core.weak.voting import fired, votes_of

AGENT = "rules"
"""Who suggests, as it is kept with the label."""


def rule_suggestions(warehouse: Warehouse, session_ids: Sequence[str]) -> dict[str, tuple[str, float]]:
    """The most probable intent of each session by the label model, and its probability.

    Sessions where no active rule fires are left out. Only these sessions' events are read, unless the rules were
    changed since the label model was fitted; then it is fitted anew first.

    Raises:
        InvalidRuleError: a rule cannot be used any more; the message names it.
    """
    fitted = fitted_rules(warehouse) if session_ids else None
    if fitted is None:
        return {}
    votes = votes_of(warehouse, fitted.rules, session_ids)
    probabilities = fitted.model.probabilities(fired(votes["votes"].to_numpy(dtype="int64"), len(fitted.rules)))
    best = probabilities.argmax(axis=1)
    return {
        str(session_id): (fitted.model.intents[place], float(row[place]))
        for session_id, place, row in zip(votes["session_id"], best, probabilities, strict=True)
    }
