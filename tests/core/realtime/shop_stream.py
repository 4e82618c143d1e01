"""A made-up shop's stream for the alarms: visitors come at random, walk through intents, buy or leave."""

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass

WALK = {"browse": ("browse", "compare", "purchase"), "compare": ("compare", "compare", "purchase", "browse")}


@dataclass(frozen=True)
class Shop:
    """Rates of the stream.

    orders: of visitors who come to buy, the share that orders; support: share of visitors with a question;
    unsure: chance that the model is unsure of a visitor.
    """

    visitors_per_minute: float = 10.0
    orders: float = 0.5
    support: float = 0.06
    unsure: float = 0.2


@dataclass(frozen=True, order=True)
class Act:
    at_s: float
    visitor_id: str
    intent: str
    event_type: str
    unsure: bool


def acts(shop: Shop, from_s: float, to_s: float, seed: int, name: str = "v") -> Iterator[Act]:
    """What happens from one moment to another, in order."""
    random_ = random.Random(seed)
    waiting: list[Act] = []
    at_s, number = from_s, 0
    while True:
        at_s += random_.expovariate(shop.visitors_per_minute / 60)
        while waiting and waiting[0].at_s < min(at_s, to_s):
            yield heapq.heappop(waiting)
        if at_s >= to_s:
            return
        for act in _visit(shop, at_s, f"{name}{number}", random_):
            heapq.heappush(waiting, act)
        number += 1


def _visit(shop: Shop, at_s: float, visitor_id: str, random_: random.Random) -> Iterator[Act]:
    unsure = random_.random() < shop.unsure
    if random_.random() < shop.support:
        for _ in range(random_.randint(1, 4)):
            yield Act(at_s, visitor_id, "support", "message", unsure)
            at_s += random_.expovariate(1 / 40)
        return
    intent = "browse"
    for _ in range(random_.randint(1, 12)):
        intent = random_.choice(WALK.get(intent, ("purchase",)))
        yield Act(at_s, visitor_id, intent, "view", unsure)
        at_s += random_.expovariate(1 / 25)
    if intent == "purchase" and random_.random() < shop.orders:
        yield Act(at_s, visitor_id, "purchase", "purchase", unsure)
