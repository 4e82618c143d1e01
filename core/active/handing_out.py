"""Handing out: an annotator's next sessions of a queue, leased to them before anybody sees them."""

from collections.abc import Sequence
from dataclasses import replace

from core.active.leases import Candidates, claim, free_gold, my_leases
from core.active.options import QueueOptions, ScoredModel
from core.active.pool import Asking, Pool, Restriction, open_pool
from core.active.query_strategies.registry import STRATEGIES, strategy_named
from core.active.query_strategies.strategy import QueryStrategy
from core.store.warehouse import Warehouse

ROUNDS = 8
"""How often the pool is ranked anew when others took the candidates meanwhile; each round somebody got on."""


def hand_out(
    warehouse: Warehouse,
    options: QueueOptions,
    *,
    annotator: str,
    wanted: int,
    loaded: Sequence[str] = (),
    elsewhere: Sequence[str] = (),
    models: tuple[ScoredModel, ...] = (),
) -> list[str]:
    """The next sessions for an annotator: those they hold unlabelled, in the order they got them, then new ones.

    A screen that holds some goes on with new ones, and gets what else the annotator holds last: it may be on another
    screen of theirs, whose connection was lost.

    Sessions of at least two events that this annotator has neither labelled nor skipped, and that fewer than
    `options.overlap` others have labelled or hold; no bots, no replays. Nobody else is handed them until the lease
    runs out.

    Args:
        loaded: sessions already on the annotator's screen.
        elsewhere: those on other screens of theirs.
        models: those that scored the sessions, the champion first.

    Raises:
        InvalidQueueError: an unknown queue, or a filter or query that cannot be used.
    """
    strategy = strategy_named(options.queue)
    shown = [*loaded, *elsewhere]
    asking = asking_now(warehouse, options, annotator, shown)
    handed = [] if loaded else my_leases(warehouse, options, asking)[:wanted]
    for _ in range(ROUNDS):
        missing = wanted - len(handed)
        if missing <= 0:
            break
        asking = replace(asking, exclude=[*shown, *handed])
        candidates = _candidates(warehouse, options, asking, models, missing)
        got = claim(warehouse, options, asking, candidates, missing, _share(options, strategy))
        handed += got
        if len(candidates.ranked) < missing or not candidates.ranked:
            break
    if loaded and len(handed) < wanted:
        held = my_leases(warehouse, options, replace(asking, exclude=[*shown, *handed]))
        handed += held[: wanted - len(handed)]
    return handed


def check_queue(warehouse: Warehouse, options: QueueOptions, models: tuple[ScoredModel, ...] = ()) -> None:
    """Find out before anything is handed out whether the queue can be used.

    Raises:
        InvalidQueueError: it cannot.
    """
    strategy_named(options.queue).restriction(warehouse, options, models)


def asking_now(warehouse: Warehouse, options: QueueOptions, annotator: str, loaded: Sequence[str] = ()) -> Asking:
    """The annotator asks now, by the warehouse's clock."""
    reviewing = strategy_named(options.queue).reviewing
    return Asking(annotator, warehouse.clock(), list(loaded), reviewing)


def _candidates(
    warehouse: Warehouse, options: QueueOptions, asking: Asking, models: tuple[ScoredModel, ...], missing: int
) -> Candidates:
    """Twice as many ranked ones as are missing: as many may be taken by lot."""
    strategy = strategy_named(options.queue)
    wanted = 2 * missing
    restriction = strategy.restriction(warehouse, options, models)
    with open_pool(warehouse, options, asking, models, restriction) as pool:
        ranked = strategy.rank(pool, wanted)
        drawn = ranked if options.queue == "random" else _by_lot(pool, missing, _share(options, strategy))
    return Candidates(ranked, drawn, free_gold(warehouse, options, asking, missing))


def _by_lot(pool: Pool, wanted: int, share: float) -> list[str]:
    """Of all sessions, labelled in bulk or not, and not only those the queue is about: they stand for the shop."""
    everything = replace(pool, restriction=Restriction(), with_bulk=True)
    return STRATEGIES["random"].rank(everything, wanted) if share else []


def _share(options: QueueOptions, strategy: QueryStrategy) -> float:
    return strategy.random_share if options.random_share is None else options.random_share
