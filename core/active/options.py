"""What a label queue is asked for: its strategy, its shares and its restriction."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.errors import InvalidQueueError
from core.store.session_queries import SessionFilter

RANDOM_SHARE = 0.2
"""Of a ranked queue, drawn at random instead, so that a model can be measured honestly (Potato's default)."""
GOLD_SHARE = 0.05
MOST_OVERLAP = 20


@dataclass(frozen=True)
class QueueOptions:
    """One label queue.

    queue: the query strategy's name.
    random_share: 0 to 1, drawn at random from all sessions; None takes the strategy's own default.
    gold_share: 0 to 1, sessions whose right answer is known, not shown as such; 0 switches the checks off.
    overlap: how many annotators label each session.
    intent: to which intent's labels the queue `outdated` is restricted; empty for all.
    filter, sql: the restriction of the queues `filter` and `sql`.
    seed: same seed, same order.
    """

    queue: str = "random"
    random_share: float | None = None
    gold_share: float = GOLD_SHARE
    overlap: int = 1
    filter: SessionFilter | None = None
    sql: str = ""
    intent: str = ""
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("random_share", "gold_share"):
            share = getattr(self, name)
            if share is not None and not 0 <= share <= 1:
                raise InvalidQueueError(f"{name} is '{share}', expected a share from 0 to 1.")
        if not 1 <= self.overlap <= MOST_OVERLAP:
            raise InvalidQueueError(f"overlap is '{self.overlap}', expected 1 to {MOST_OVERLAP} annotators a session.")

    @property
    def key(self) -> str:
        """Names the queue in leases: one filter or query is one queue."""
        restriction = {
            "filter": repr(self.filter),
            "sql": self.sql.strip(),
            "outdated": self.intent or None,
        }.get(self.queue)
        if restriction is None:
            return self.queue
        return f"{self.queue}:{hashlib.sha256(restriction.encode()).hexdigest()[:12]}"


@dataclass(frozen=True)
class ScoredModel:
    """A model whose probabilities of each session, in the order of `intents`, are stored.

    folder: has its evaluation.parquet, where there is one; embedded: the sessions' states are stored too.
    counts_as: what each of the intents counts as since some were merged; empty where none is.
    """

    model_id: str
    intents: tuple[str, ...]
    created_at: datetime
    folder: Path
    embedded: bool = True
    counts_as: tuple[str, ...] = ()

    @property
    def meanings(self) -> tuple[str, ...]:
        """What each of its intents counts as now."""
        return self.counts_as or self.intents
