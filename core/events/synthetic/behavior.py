"""How intents show: the tables of the hidden Markov model that the sample shop is drawn from.

Every observation of an event (type, gap, which item, price level, kind of query, message or page, list position) is
drawn given the present intent and what was seen before, by the tables below. Nothing else depends on the intent, so
the Bayes filter over these tables is the best anyone can do. `SHARPNESS` sets how far the intents lie apart.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from core.events.schema import EVENT_TYPES

INTENTS: tuple[str, ...] = ("browse", "search", "compare", "purchase", "deal", "support")
SHARPNESS = 1.1
"""0 = all intents behave alike, 1 = the tables as written, more = further apart."""

LONGEST_GAP_S = 1500.0
LAST_POSITION = 40
PRICE_LEVELS = 5

TYPE_WEIGHTS: dict[str, tuple[float, ...]] = {
    "search": (4, 22, 7, 6, 8, 6),
    "view_list": (26, 20, 8, 5, 12, 3),
    "filter_list": (2, 9, 7, 1.5, 6, 0.5),
    "click": (14, 16, 9, 6, 9, 2),
    "view": (30, 24, 38, 30, 26, 14),
    "add_to_cart": (0.25, 0.55, 0.7, 6.5, 1.0, 0.1),
    "remove_from_cart": (1, 1, 3, 2, 2, 1),
    "view_cart": (3, 3, 5, 14, 5, 2),
    "add_to_wishlist": (2.5, 1, 5, 0.6, 1.5, 0.2),
    "checkout": (1, 1.5, 1.5, 26, 4, 0.6),
    "purchase": (20, 25, 20, 75, 40, 15),
    "refund": (0.05, 0.05, 0.05, 0.05, 0.05, 3),
    "promo_view": (6, 2, 2, 2, 15, 1),
    "promo_click": (3, 1, 1, 1, 11, 0.5),
    "coupon": (0.3, 0.2, 0.3, 2.5, 5, 0.3),
    "share": (2, 0.4, 1, 0.2, 0.8, 0.1),
    "review": (3, 1.5, 11, 1.5, 1, 3),
    "message": (0.5, 0.7, 2, 0.7, 0.8, 13),
    "page": (8, 3, 3, 3, 6, 28),
    "other": (1, 1, 1, 1, 1, 1),
}
"""Weight of each event type by intent, before the types that cannot happen now are left out."""

ITEM_CHOICES: tuple[str, ...] = ("elsewhere", "same_category", "earlier", "again")
ITEM_WEIGHTS = ((48, 36, 8, 8), (12, 62, 12, 14), (6, 32, 44, 18), (6, 22, 30, 42), (34, 44, 12, 10), (20, 22, 28, 30))
PRICE_WEIGHTS = (
    (20, 20, 20, 20, 20),
    (16, 20, 24, 22, 18),
    (12, 19, 25, 25, 19),
    (18, 22, 24, 20, 16),
    (46, 27, 14, 8, 5),
    (20, 21, 20, 20, 19),
)
QUERY_KINDS: tuple[str, ...] = ("category", "exact", "bargain", "help")
QUERY_WEIGHTS = ((78, 12, 8, 2), (52, 42, 5, 1), (40, 52, 6, 2), (26, 64, 9, 1), (34, 8, 57, 1), (20, 22, 3, 55))
MESSAGE_KINDS: tuple[str, ...] = ("order", "product", "price", "returns")
MESSAGE_WEIGHTS = (
    (10, 60, 20, 10),
    (8, 72, 14, 6),
    (6, 72, 18, 4),
    (24, 46, 26, 4),
    (8, 20, 68, 4),
    (46, 10, 6, 38),
)
PAGE_KINDS: tuple[str, ...] = ("home", "story", "delivery", "account", "sale")
PAGE_WEIGHTS = (
    (46, 34, 4, 6, 10),
    (58, 12, 10, 12, 8),
    (40, 18, 22, 12, 8),
    (34, 4, 28, 28, 6),
    (34, 6, 6, 8, 46),
    (16, 2, 38, 42, 2),
)
GAP_MEDIANS_S = (22.0, 16.0, 38.0, 20.0, 18.0, 55.0)
GAP_SPREAD = 1.0
"""Standard deviation of the gap's natural logarithm."""

POSITION_STOPS = (0.12, 0.22, 0.16, 0.34, 0.12, 0.3)
"""Chance that a list is left at the next position (a geometric law, cut at LAST_POSITION)."""

CHANNELS: tuple[str, ...] = ("direct", "organic", "paid", "email", "social", "referral")
CHANNEL_WEIGHTS = (
    (34, 16, 14, 8, 24, 4),
    (26, 40, 22, 4, 4, 4),
    (32, 32, 20, 4, 4, 8),
    (56, 16, 14, 8, 2, 4),
    (14, 12, 22, 36, 10, 6),
    (56, 12, 2, 26, 2, 2),
)
START = (0.34, 0.24, 0.13, 0.07, 0.14, 0.08)
START_AFTER_PURCHASE = (0.27, 0.17, 0.12, 0.10, 0.14, 0.20)
TRANSITIONS = (
    (0.930, 0.030, 0.020, 0.004, 0.012, 0.004),
    (0.015, 0.915, 0.050, 0.014, 0.003, 0.003),
    (0.010, 0.030, 0.910, 0.040, 0.005, 0.005),
    (0.008, 0.010, 0.022, 0.950, 0.004, 0.006),
    (0.020, 0.020, 0.015, 0.025, 0.917, 0.003),
    (0.015, 0.012, 0.006, 0.006, 0.003, 0.958),
)
"""Chance of the next event's intent (column) after this one's (row)."""


@dataclass
class Past:
    """What of a session (and of the visitor before it) bears on what can happen next."""

    bought_before: bool
    seen_list: bool = False
    seen_items: list[str] = field(default_factory=list)
    cart: list[str] = field(default_factory=list)
    last_type: str | None = None


class Behavior:
    """The tables as log chances by intent, and the draws from them."""

    def __init__(self, sharpness: float = SHARPNESS) -> None:
        self.start = np.log(np.array(START))
        self.start_after_purchase = np.log(np.array(START_AFTER_PURCHASE))
        self.transitions = np.log(np.array(TRANSITIONS))
        self.types = _sharpened(np.array([TYPE_WEIGHTS[name] for name in EVENT_TYPES]).T, sharpness)
        self.tables = {
            "item": _sharpened(np.array(ITEM_WEIGHTS, dtype=float), sharpness),
            "price": _sharpened(np.array(PRICE_WEIGHTS, dtype=float), sharpness),
            "query": _sharpened(np.array(QUERY_WEIGHTS, dtype=float), sharpness),
            "message": _sharpened(np.array(MESSAGE_WEIGHTS, dtype=float), sharpness),
            "page": _sharpened(np.array(PAGE_WEIGHTS, dtype=float), sharpness),
            "channel": _sharpened(np.array(CHANNEL_WEIGHTS, dtype=float), sharpness),
        }
        gap = np.log(np.array(GAP_MEDIANS_S))
        self.gap_centers = gap.mean() + sharpness * (gap - gap.mean())
        stops = np.log(np.array(POSITION_STOPS))
        self.position_stops = np.exp(stops.mean() + sharpness * (stops - stops.mean()))

    def type_chances(self, past: Past) -> np.ndarray:
        """[K, types] log chances of the next event's type, given what can happen now."""
        possible = np.array([_possible(name, past) for name in EVENT_TYPES])
        weights = np.where(possible, self.types, -np.inf)
        return _normalized(weights)

    def choices(self, table: str, possible: np.ndarray | None = None) -> np.ndarray:
        """[K, choices] log chances of a table, where `possible` [choices] bool leaves some out."""
        weights: np.ndarray = self.tables[table]
        return weights if possible is None else _normalized(np.where(possible, weights, -np.inf))

    def gap_density(self, seconds: float) -> np.ndarray:
        """[K] log density of a gap: log-normal, cut at LONGEST_GAP_S."""
        below = [_normal_below((math.log(LONGEST_GAP_S) - center) / GAP_SPREAD) for center in self.gap_centers]
        score = (math.log(seconds) - self.gap_centers) / GAP_SPREAD
        density: np.ndarray = -0.5 * score**2 - np.log(np.array(below))
        return density

    def position_chances(self) -> np.ndarray:
        """[K, LAST_POSITION] log chances of the list positions from 1."""
        place = np.arange(LAST_POSITION)
        stop = self.position_stops[:, None]
        return _normalized(place * np.log1p(-stop) + np.log(stop))


def _possible(event_type: str, past: Past) -> bool:
    if event_type == "purchase":
        return past.last_type == "checkout"
    if event_type in {"checkout", "view_cart", "remove_from_cart"}:
        return bool(past.cart) and past.last_type != event_type
    if event_type in {"add_to_cart", "add_to_wishlist", "share", "review"}:
        return bool(past.seen_items) and past.last_type != event_type
    if event_type in {"click", "filter_list"}:
        return past.seen_list
    if event_type == "promo_click":
        return past.last_type in {None, "promo_view"}
    if event_type == "refund":
        return past.bought_before and past.last_type != "refund"
    return True


def _sharpened(weights: np.ndarray, sharpness: float) -> np.ndarray:
    """[K, C] log chances, drawn towards their mean over intents."""
    logs = np.log(weights / weights.sum(axis=1, keepdims=True))
    mean = logs.mean(axis=0, keepdims=True)
    return _normalized(mean + sharpness * (logs - mean))


def _normalized(logs: np.ndarray) -> np.ndarray:
    top = logs.max(axis=1, keepdims=True)
    normalized: np.ndarray = logs - top - np.log(np.exp(logs - top).sum(axis=1, keepdims=True))
    return normalized


def _normal_below(score: float) -> float:
    return 0.5 * (1 + math.erf(score / math.sqrt(2)))
