"""One session drawn from the hidden Markov model: its events, its hidden intents, the likelihood of every event."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from core.events.schema import EVENT_TYPES
from core.events.synthetic.behavior import (
    CHANNELS,
    GAP_SPREAD,
    ITEM_CHOICES,
    LONGEST_GAP_S,
    MESSAGE_KINDS,
    PAGE_KINDS,
    PRICE_LEVELS,
    QUERY_KINDS,
    Behavior,
    Past,
)
from core.events.synthetic.catalog import CATEGORIES, COLORS, Item
from core.events.synthetic.phrases import MESSAGES, PAGES, PROMOTIONS, QUERIES, phrase
from core.events.synthetic.visits import Visitor

_SAME_CATEGORY_QUERY = 0.8
_CHOOSES_ITEM = frozenset({"view", "click"})
_USES_CURRENT = frozenset({"add_to_cart", "add_to_wishlist", "share", "review"})
_SHOWS_LIST = frozenset({"view_list", "search", "promo_view", "promo_click"})
Row = dict[str, Any]


@dataclass
class DrawnSession:
    """rows: events in order; intents: [T] hidden states; likelihoods: [T] of [K] logs; start: [K] log chances."""

    start: np.ndarray
    rows: list[Row] = field(default_factory=list)
    intents: list[int] = field(default_factory=list)
    likelihoods: list[np.ndarray] = field(default_factory=list)


class SessionDrawer:
    """Draws sessions over a catalog; everything random comes from the one generator given."""

    def __init__(self, behavior: Behavior, items: list[Item], random: np.random.Generator) -> None:
        self._behavior = behavior
        self._items = {item.item_id: item for item in items}
        self._shelves = {
            (place, level): [item for item in items if item.category is category and item.level == level]
            for place, category in enumerate(CATEGORIES)
            for level in range(PRICE_LEVELS)
        }
        self._random = random

    def draw(self, visitor: Visitor, start: datetime, length: int, bought_before: bool) -> DrawnSession:
        """One session of `length` events from `start` on."""
        behavior = self._behavior
        past = Past(bought_before)
        drawn = DrawnSession(behavior.start_after_purchase if bought_before else behavior.start)
        draw = _Draw(self._random)
        at, channel, category = start, "", 0
        for place in range(length):
            intent = self._pick(np.exp(behavior.transitions[drawn.intents[-1]] if place else drawn.start))
            draw.begin(intent)
            if place:
                at += timedelta(seconds=self._gap(draw))
            else:
                channel = CHANNELS[draw.choose(behavior.choices("channel"))]
                category = int(self._random.integers(len(CATEGORIES)))
            row, category = self._event(draw, past, visitor.language, category)
            drawn.rows.append(row | {"occurred_at": at, "channel": channel})
            drawn.intents.append(intent)
            drawn.likelihoods.append(draw.likelihood)
        return drawn

    def _event(self, draw: "_Draw", past: Past, language: str, category: int) -> tuple[Row, int]:
        """One event's row and the category the visitor is in after it; `past` moves on."""
        kind = EVENT_TYPES[draw.choose(self._behavior.type_chances(past))]
        row: Row = {"event_type": kind}
        if kind == "search":
            category = self._query_category(category)
            row["query"] = self._words(draw, "query", QUERY_KINDS, QUERIES, language, category)
        elif kind == "message":
            row["text"] = self._words(draw, "message", MESSAGE_KINDS, MESSAGES, language, category)
        elif kind == "page":
            row["text"] = self._words(draw, "page", PAGE_KINDS, PAGES, language, category)
        elif kind in {"promo_view", "promo_click"}:
            row["text"] = phrase(self._random, PROMOTIONS[language], self._vocabulary(language, category))
        elif kind in {"view_list", "filter_list"}:
            row["category"] = CATEGORIES[category].path
        elif kind in _CHOOSES_ITEM:
            item = self._choose_item(draw, past, category)
            category = CATEGORIES.index(item.category)
            row |= _item_columns(item)
            past.seen_items = [seen for seen in past.seen_items if seen != item.item_id] + [item.item_id]
            if kind == "click":
                row["position"] = draw.choose(self._behavior.position_chances()) + 1
        else:
            row |= self._cart_event(kind, past)
        past.seen_list = past.seen_list or kind in _SHOWS_LIST
        past.last_type = kind
        return row, category

    def _choose_item(self, draw: "_Draw", past: Past, category: int) -> Item:
        seen = past.seen_items
        possible = np.array([True, True, len(seen) > 1, bool(seen)])
        choice = ITEM_CHOICES[draw.choose(self._behavior.choices("item", possible))]
        if choice == "again":
            return self._items[seen[-1]]
        if choice == "earlier":
            return self._items[seen[int(self._random.integers(len(seen) - 1))]]
        if choice == "elsewhere":
            category = (category + int(self._random.integers(1, len(CATEGORIES)))) % len(CATEGORIES)
        shelf = self._shelves[category, draw.choose(self._behavior.choices("price"))]
        popular = np.arange(len(shelf), 0, -1, dtype=float)
        return shelf[self._pick(popular / popular.sum())]

    def _cart_event(self, kind: str, past: Past) -> Row:
        if kind in _USES_CURRENT:
            item = self._items[past.seen_items[-1]]
            if kind == "add_to_cart":
                past.cart.append(item.item_id)
            return _item_columns(item) | ({"quantity": 1.0} if kind == "add_to_cart" else {})
        if kind == "remove_from_cart":
            return _item_columns(self._items[past.cart.pop()]) | {"quantity": 1.0}
        if kind == "purchase":
            bought = self._items[past.cart[-1]]
            past.cart.clear()
            past.bought_before = True
            return _item_columns(bought) | {"quantity": 1.0, "order_id": f"o{int(self._random.integers(10**8)):08}"}
        if kind == "coupon":
            return {"text": f"SAVE{5 * int(self._random.integers(1, 5))}"}
        return {}

    def _words(
        self,
        draw: "_Draw",
        table: str,
        kinds: tuple[str, ...],
        phrases: dict[str, dict[str, tuple[str, ...]]],
        language: str,
        category: int,
    ) -> str:
        kind = kinds[draw.choose(self._behavior.choices(table))]
        return phrase(self._random, phrases[kind][language], self._vocabulary(language, category))

    def _vocabulary(self, language: str, category: int) -> dict[str, str]:
        """Words of some item of the category, whatever the intent."""
        shelf = self._shelves[category, int(self._random.integers(PRICE_LEVELS))]
        item = shelf[int(self._random.integers(len(shelf)))]
        color = COLORS[item.color][0] if language == "zh" else item.color
        return {"category": item.category.name[language], "brand": item.brand, "model": item.model, "color": color}

    def _query_category(self, category: int) -> int:
        stays = self._random.random() < _SAME_CATEGORY_QUERY
        return category if stays else int(self._random.integers(len(CATEGORIES)))

    def _gap(self, draw: "_Draw") -> float:
        """Seconds since the event before."""
        center = self._behavior.gap_centers[draw.intent]
        seconds = LONGEST_GAP_S
        while seconds >= LONGEST_GAP_S:
            seconds = float(np.exp(self._random.normal(center, GAP_SPREAD)))
        draw.likelihood = draw.likelihood + self._behavior.gap_density(seconds)
        return seconds

    def _pick(self, chances: np.ndarray) -> int:
        return int(np.searchsorted(np.cumsum(chances)[:-1], self._random.random(), side="right"))


class _Draw:
    """Draws by the present intent, and keeps how likely each intent would have made what was drawn."""

    def __init__(self, random: np.random.Generator) -> None:
        self._random = random
        self.intent = 0
        self.likelihood = np.zeros(0)

    def begin(self, intent: int) -> None:
        self.intent = intent
        self.likelihood = np.zeros(1)

    def choose(self, chances: np.ndarray) -> int:
        """A column of log chances [K, C], drawn by the intent's row."""
        sums = np.exp(chances[self.intent]).cumsum()
        choice = min(int(np.searchsorted(sums, self._random.random() * sums[-1], side="right")), len(sums) - 1)
        self.likelihood = self.likelihood + chances[:, choice]
        return choice


def _item_columns(item: Item) -> Row:
    return {
        "item_id": item.item_id,
        "category": item.category.path,
        "brand": item.brand,
        "price": item.price,
        "currency": "CNY",
    }
