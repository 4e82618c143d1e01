"""Small shops whose sessions buy by a planted rule, and hand-made event frames."""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from core.events.schema import EVENT_COLUMNS
from tests.core.model.shop import Shop, make_shop

START = datetime(2026, 5, 1, 10)


def buying_shop(seed: int = 0, visitors: int = 160, informative: bool = True) -> Shop:
    """Sessions of the purchase intent end in an order, a page after it and at times a second order."""
    shop = make_shop(seed, visitors, informative=informative)
    ends = shop.events[~shop.events["session_id"].duplicated(keep="last")]
    ends = ends[shop.truth[ends.index] == "purchase"]
    added = []
    for number, end in enumerate(ends.to_dict("records")):
        for step, event_type in enumerate(("purchase", "page", "purchase")[: 1 + number % 3]):
            at = end["occurred_at"] + timedelta(seconds=30 * (step + 1))
            keep = {name: end[name] for name in ("visitor_id", "session_id", "device")}
            event_id = f"{end['event_id']}-{step}"
            added.append(keep | {"event_id": event_id, "occurred_at": at, "received_at": at, "event_type": event_type})
    extra = pd.DataFrame(added, columns=list(EVENT_COLUMNS))
    events = pd.concat([shop.events.astype(object), extra.astype(object)]).astype(shop.events.dtypes.to_dict())
    events = events.sort_values(["visitor_id", "occurred_at", "event_id"], ignore_index=True)
    truth = np.repeat("", len(events)).astype(object)
    return Shop(events, shop.items, truth)


def frame(*sessions: tuple[str, str]) -> pd.DataFrame:
    """Sessions as (visitor, types): each type one event, ten seconds apart; `+` before one keeps its time."""
    rows = []
    for number, (visitor, types) in enumerate(sessions):
        at = START + timedelta(hours=number)
        for step, name in enumerate(types.split()):
            at += timedelta(seconds=0 if name.startswith("+") else 10)
            rows.append(
                {
                    "event_id": f"{number:03}-{step:03}",
                    "occurred_at": at,
                    "received_at": at,
                    "visitor_id": visitor,
                    "session_id": f"s{number:03}",
                    "event_type": name.removeprefix("+"),
                }
            )
    events = pd.DataFrame(rows, columns=list(EVENT_COLUMNS))
    return events.sort_values(["visitor_id", "occurred_at", "event_id"], ignore_index=True)
