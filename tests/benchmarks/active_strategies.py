"""What to ask next, as functions of what a strategy may look at; scores and k-centre are the product's own.

Those that need a model draw by lot until there is one.
"""

from collections.abc import Callable

import numpy as np

from core.active.query_strategies.core_set import k_centre_greedy
from core.active.query_strategies.entropy import Entropy
from core.active.query_strategies.least_confidence import LeastConfidence
from core.active.query_strategies.margin import Margin
from core.active.query_strategies.plain import plain_in_turn
from core.active.query_strategies.typical import CANDIDATES, NEW_CLUSTERS, typical_of_each
from tests.benchmarks.active_shop import ActiveShop, Seen

Ask = Callable[[ActiveShop, Seen, int, np.random.Generator], np.ndarray]
"""The numbers [wanted] of the pool's sessions to label next."""

RANDOM_SHARE = 0.2


def free(shop: ActiveShop, seen: Seen) -> np.ndarray:
    return np.setdiff1d(np.arange(len(shop.ends)), seen.chosen)


def by_lot(shop: ActiveShop, seen: Seen, wanted: int, random: np.random.Generator) -> np.ndarray:
    return random.choice(free(shop, seen), wanted, replace=False)


def uncertain(score: Callable[[np.ndarray], np.ndarray]) -> Ask:
    def ask(shop: ActiveShop, seen: Seen, wanted: int, random: np.random.Generator) -> np.ndarray:
        if seen.probabilities is None:
            return by_lot(shop, seen, wanted, random)
        left = random.permutation(free(shop, seen))
        return left[np.argsort(-score(seen.probabilities[left]), kind="stable")[:wanted]]

    return ask


def core_set(shop: ActiveShop, seen: Seen, wanted: int, random: np.random.Generator) -> np.ndarray:
    left = random.permutation(free(shop, seen))
    return left[k_centre_greedy(shop.states[left], shop.states[seen.chosen], wanted)]


def typical(shop: ActiveShop, seen: Seen, wanted: int, random: np.random.Generator) -> np.ndarray:
    """TypiClust (Hacohen et al. 2022): the densest session of each of the largest clusters without a label."""
    return _typical(shop.states, seen, wanted, random)


def typical_counts(shop: ActiveShop, seen: Seen, wanted: int, random: np.random.Generator) -> np.ndarray:
    """The same by what happened in the sessions alone, without a model: the product's queue."""
    return _typical(shop.counts, seen, wanted, random)


def _typical(points: np.ndarray, seen: Seen, wanted: int, random: np.random.Generator) -> np.ndarray:
    """Ten cards at a time, as a browser asks for them; what is on its screen counts as labelled."""
    sample = np.union1d(random.choice(len(points), min(CANDIDATES, len(points)), replace=False), seen.chosen)
    known, asked = np.isin(sample, seen.chosen), []
    while len(asked) < wanted:
        cards = min(NEW_CLUSTERS, wanted - len(asked))
        chosen = typical_of_each(points[sample], known, cards, int(random.integers(1 << 30)))
        known[chosen] = True
        asked.extend(sample[chosen])
    return np.array(asked)


def badge(shop: ActiveShop, seen: Seen, wanted: int, random: np.random.Generator) -> np.ndarray:
    """BADGE (Ash et al. 2020): k-means++ on the gradients of the read-out at its own guess."""
    if seen.probabilities is None:
        return typical(shop, seen, wanted, random)
    left = free(shop, seen)
    if len(left) > 3000:
        left = random.choice(left, 3000, replace=False)
    said = seen.probabilities[left].copy()
    said[np.arange(len(said)), said.argmax(axis=1)] -= 1
    states = shop.states[left] - shop.states.mean(axis=0)
    lengths = np.square(said).sum(axis=1) * np.square(states).sum(axis=1)
    asked = [int(lengths.argmax())]
    nearest = np.full(len(left), np.inf)
    while len(asked) < wanted:
        last = asked[-1]
        cross = (said @ said[last]) * (states @ states[last])
        nearest = np.minimum(nearest, np.maximum(lengths + lengths[last] - 2 * cross, 0))
        nearest[asked] = 0
        asked.append(int(random.choice(len(left), p=nearest / nearest.sum())))
    return left[asked]


def balanced(inner: Ask, first: Ask) -> Ask:
    """For the intents with the fewest labels in turn, of the sessions guessed to be of it those `inner` likes best."""

    def ask(shop: ActiveShop, seen: Seen, wanted: int, random: np.random.Generator) -> np.ndarray:
        if seen.probabilities is None:
            return first(shop, seen, wanted, random)
        guessed = seen.probabilities.argmax(axis=1)
        left = inner(shop, seen, len(shop.ends) - len(seen.chosen), random)
        counts = np.bincount(seen.answers, minlength=seen.probabilities.shape[1]).astype(float)
        queues = {intent: list(left[guessed[left] == intent]) for intent in range(len(counts))}
        asked: list[int] = []
        while len(asked) < wanted:
            intent = min((one for one in queues if queues[one]), key=lambda one: counts[one])
            asked.append(int(queues[intent].pop(0)))
            counts[intent] += 1
        return np.array(asked)

    return ask


def plain(shop: ActiveShop, seen: Seen, wanted: int, random: np.random.Generator) -> np.ndarray:
    """Sessions whose kind is plain: of the kinds with the fewest labels in turn, by lot among the surest fifth of each.

    Kinds by the product's pretraining, the order by its queue.
    """
    held = np.isin(np.arange(len(shop.ends)), seen.chosen)
    return plain_in_turn(shop.kind, shop.sureness, random.permutation(len(held)), ~held, held)[:wanted]


def mixed(inner: Ask, share: float = RANDOM_SHARE) -> Ask:
    """As the queues hand out: so many by lot, the rest by the strategy."""

    def ask(shop: ActiveShop, seen: Seen, wanted: int, random: np.random.Generator) -> np.ndarray:
        first = int((len(seen.chosen) + wanted) * share + 1e-9) - int(len(seen.chosen) * share + 1e-9)
        drawn = by_lot(shop, seen, first, random)
        rest = Seen(seen.probabilities, np.concatenate([seen.chosen, drawn]).astype(int), seen.answers)
        return np.concatenate([drawn, inner(shop, rest, wanted - first, random)]).astype(int)

    return ask


STRATEGIES: dict[str, Ask] = {
    "random": by_lot,
    "least_confidence": uncertain(LeastConfidence.score),
    "margin": uncertain(Margin.score),
    "entropy": uncertain(Entropy.score),
    "core_set": core_set,
    "typical": typical_counts,
    "typical, 20 % by lot": mixed(typical_counts),
    "margin, 20 % by lot": mixed(uncertain(Margin.score)),
    "core_set, 20 % by lot": mixed(core_set),
    "typical by the model's states": typical,
    "badge": badge,
    "balanced margin": balanced(uncertain(Margin.score), typical_counts),
    "plain": plain,
    "plain, 20 % by lot": mixed(plain),
}
"""The first six, `plain` and those mixed with draws by lot are queues of the product; others were tried beside them."""
