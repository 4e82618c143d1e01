"""Where a session's first order stands, and what came before it: the only events that a purchase model may read."""

import numpy as np
import pandas as pd

PURCHASE = "purchase"


def first_order(events: pd.DataFrame, target: str = PURCHASE) -> np.ndarray:
    """The moment of each event's session's first order: [N] datetime64[us], NaT where the session has none.

    Args:
        events: any order of rows; a session is a visitor_id and session_id.
        target: the event_type that counts as the order.
    """
    at = events["occurred_at"].where(events["event_type"].eq(target))
    session = [events["visitor_id"], events["session_id"].fillna("")]
    return at.groupby(session).transform("min").to_numpy().astype("datetime64[us]")


def before_first_order(events: pd.DataFrame, target: str = PURCHASE) -> np.ndarray:
    """[N] bool: the events a purchase model may read.

    Events of the order's own instant are cut as well: a tracker often sends the order's page, payment and lines in
    one go, and any of them would give the order away.
    """
    order = first_order(events, target)
    before = events["occurred_at"].to_numpy().astype("datetime64[us]") < order
    readable: np.ndarray = np.isnat(order) | before
    return readable
