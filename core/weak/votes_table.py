"""The votes as a table: one row a session, one column a rule, and what the label model makes of them."""

import numpy as np
import pandas as pd

from core.store.warehouse import Warehouse
from core.weak.fitting import fitted_rules
from core.weak.voting import fired, votes_of


def votes_table(warehouse: Warehouse) -> pd.DataFrame:
    """session_id, intent, probability, and each rule's vote under its id: its intent, or "" where it abstains.

    Sessions without a vote are left out; empty without active rules.

    Raises:
        InvalidRuleError: a rule fails on the log.
    """
    fitted = fitted_rules(warehouse)
    if fitted is None:
        return pd.DataFrame(columns=["session_id", "intent", "probability"])
    votes = votes_of(warehouse, fitted.rules)
    fires = fired(votes["votes"].to_numpy(dtype=np.int64), len(fitted.rules))
    probabilities = fitted.model.probabilities(fires)
    table = pd.DataFrame(
        {
            "session_id": votes["session_id"],
            "intent": np.array(fitted.model.intents, dtype=object)[probabilities.argmax(axis=1)],
            "probability": probabilities.max(axis=1).round(4),
        }
    )
    for place, rule in enumerate(fitted.rules):
        table[rule.rule_id] = np.array(["", rule.intent], dtype=object)[fires[:, place].astype(int)]
    return table
