"""A small seeded shop for model tests: sessions follow hidden intents with a planted, learnable rule."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from core.events.schema import EVENT_COLUMNS, ITEM_COLUMNS

INTENTS = ("browse", "purchase", "support")
_TYPES = {
    "browse": (("view_list", "view", "click", "page"), (0.4, 0.35, 0.15, 0.1)),
    "purchase": (("search", "view", "add_to_cart", "checkout"), (0.3, 0.35, 0.2, 0.15)),
    "support": (("page", "message", "view", "search"), (0.4, 0.3, 0.15, 0.15)),
}
_WORDS = {
    "browse": ("new arrivals", "新品", "gift ideas"),
    "purchase": ("buy 手机", "phone 256gb", "running shoes 42"),
    "support": ("where is my order", "退货", "refund policy"),
}
CATEGORIES = ("Phones > Cases", "Shoes > Running", "Home > 家居")


@dataclass(frozen=True)
class Shop:
    """Frames as a snapshot has them, and the hidden intent of each event."""

    events: pd.DataFrame
    items: pd.DataFrame
    truth: np.ndarray


def make_shop(seed: int = 0, visitors: int = 60, sessions: int = 3, informative: bool = True) -> Shop:
    """A shop of `visitors` with 1..`sessions` sessions each; without `informative` the intent shows nowhere."""
    random = np.random.default_rng(seed)
    items = _items(random)
    rows, truth = [], []
    for visitor in range(visitors):
        at = datetime(2026, 5, 1) + timedelta(minutes=int(random.integers(0, 20_000)))
        for session in range(int(random.integers(1, sessions + 1))):
            intent = str(random.choice(INTENTS))
            shown = intent if informative else str(random.choice(INTENTS))
            at += timedelta(hours=float(random.uniform(2, 60)))
            for _ in range(int(random.integers(2, 12))):
                at += timedelta(seconds=float(random.exponential(40)))
                rows.append(_event(random, f"v{visitor:04}", f"v{visitor:04}-{session}", at, shown, len(rows)))
                truth.append(intent)
    events = pd.DataFrame(rows, columns=list(EVENT_COLUMNS))
    order = events.sort_values(["visitor_id", "occurred_at", "event_id"]).index
    return Shop(events.loc[order].reset_index(drop=True), items, np.array(truth)[order])


def _items(random: np.random.Generator) -> pd.DataFrame:
    rows = []
    for number in range(30):
        category = CATEGORIES[number % 3]
        price = None if number % 10 == 9 else float(random.uniform(5, 300))
        title = f"{category.split(' > ')[-1]} model {number}"
        rows.append(
            (f"i{number}", title, None, category, f"brand{number % 5}", price, "CNY", None, datetime(2026, 1, 1))
        )
    return pd.DataFrame(rows, columns=list(ITEM_COLUMNS))


def _event(
    random: np.random.Generator, visitor: str, session: str, at: datetime, intent: str, number: int
) -> dict[str, object]:
    types, weights = _TYPES[intent]
    event_type = str(random.choice(types, p=weights))
    words = str(random.choice(_WORDS[intent]))
    return {
        "event_id": f"e{number:06}",
        "occurred_at": at,
        "received_at": at,
        "visitor_id": visitor,
        "session_id": session,
        "event_type": event_type,
        "item_id": f"i{random.integers(0, 30)}" if event_type in {"view", "click", "add_to_cart"} else None,
        "query": words if event_type == "search" else None,
        "text": words if event_type == "message" else None,
        "position": int(random.integers(1, 20)) if event_type == "click" else None,
        "device": str(random.choice(("mobile", "desktop"))),
    }
