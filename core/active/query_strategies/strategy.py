"""What every query strategy is: a name, what it needs, the part of the pool it is about, and an order of it."""

from typing import ClassVar, Literal, Protocol

from core.active.options import RANDOM_SHARE, QueueOptions, ScoredModel
from core.active.pool import Pool, Restriction
from core.store.warehouse import Warehouse

Need = Literal["nothing", "model", "embeddings", "two_models", "kinds"]


class QueryStrategy(Protocol):
    """One way to choose what to label next.

    needs: what must be stored before it can rank.
    random_share: what of its queue is drawn at random where nobody says otherwise.
    reviewing: it is about sessions that have a label.
    """

    name: ClassVar[str]
    needs: ClassVar[Need] = "nothing"
    random_share: ClassVar[float] = RANDOM_SHARE
    reviewing: ClassVar[bool] = False

    def restriction(self, warehouse: Warehouse, options: QueueOptions, models: tuple[ScoredModel, ...]) -> Restriction:
        """The sessions it is about; all of them by default.

        Raises:
            InvalidQueueError: the options do not say which.
        """
        return Restriction()

    def rank(self, pool: Pool, wanted: int) -> list[str]:
        """The `wanted` sessions of the pool to label first, best first; fewer only where the pool has no more."""
        ...
