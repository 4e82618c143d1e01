"""All query strategies by name, in the order they are offered."""

from core.active.options import ScoredModel
from core.active.query_strategies.committee import Committee
from core.active.query_strategies.core_set import CoreSet
from core.active.query_strategies.drifted import Drifted
from core.active.query_strategies.entropy import Entropy
from core.active.query_strategies.from_filter import FromFilter
from core.active.query_strategies.from_sql import FromSql
from core.active.query_strategies.label_errors import LabelErrors
from core.active.query_strategies.least_confidence import LeastConfidence
from core.active.query_strategies.margin import Margin
from core.active.query_strategies.outdated import Outdated
from core.active.query_strategies.plain import Plain
from core.active.query_strategies.random_order import RandomOrder
from core.active.query_strategies.strategy import QueryStrategy
from core.active.query_strategies.typical import Typical
from core.errors import InvalidQueueError

STRATEGIES: dict[str, QueryStrategy] = {
    strategy.name: strategy
    for strategy in (
        RandomOrder(),
        Typical(),
        Plain(),
        LeastConfidence(),
        Margin(),
        Entropy(),
        CoreSet(),
        Committee(),
        LabelErrors(),
        Outdated(),
        Drifted(),
        FromFilter(),
        FromSql(),
    )
}


def is_ready(strategy: QueryStrategy, models: tuple[ScoredModel, ...], *, kinds: bool) -> bool:
    """Whether what the strategy needs is stored; kinds: a pretraining has sorted the sessions."""
    return {
        "nothing": True,
        "model": bool(models),
        "embeddings": bool(models) and models[0].embedded,
        "two_models": len(models) > 1,
        "kinds": kinds,
    }[strategy.needs]


def strategy_named(name: str) -> QueryStrategy:
    """One strategy.

    Raises:
        InvalidQueueError: there is none of that name.
    """
    if name not in STRATEGIES:
        raise InvalidQueueError(f"There is no queue '{name}', expected one of {', '.join(STRATEGIES)}.")
    return STRATEGIES[name]
