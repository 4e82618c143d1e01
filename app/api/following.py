"""Messages that are stored, and then answered with the intents of their visitors."""

import asyncio
from dataclasses import dataclass

from core.collect.collector import Post
from core.collect.intake import Outcome, Receipt
from core.collect.receipts import Receipts
from core.errors import IntentLensError, NoModelError
from core.realtime.live_tracker import Intents, LiveTracker
from core.realtime.visitor_intent import VisitorIntent


@dataclass(frozen=True)
class Followed:
    """What became of a post, and the intents of its visitors after it; or why they are not told."""

    receipt: Receipt
    intents: tuple[VisitorIntent, ...] = ()
    error: IntentLensError | None = None


async def store_and_follow(receipts: Receipts, live: LiveTracker, post: Post, within_s: float) -> Followed:
    """As `Receipts.store`, and then the intents of the visitors, by one wake-up for both.

    Raises:
        TimeoutError: nothing was stored within this time; of what was, the intents alone may be missing.
    """
    future: asyncio.Future[Followed] = asyncio.get_running_loop().create_future()
    stored: list[Receipt] = []

    def on_receipt(outcome: Outcome) -> None:
        if isinstance(outcome, BaseException):
            receipts.hand_over(future, outcome)
            return
        stored.append(outcome)
        live.ask(outcome.visitor_ids, lambda intents: receipts.hand_over(future, _followed(outcome, intents)))

    receipts.submit_to(post, on_receipt)
    try:
        async with asyncio.timeout(within_s):
            return await future
    except TimeoutError:
        if not stored:
            raise
        return Followed(stored[0], error=NoModelError("The tracker is behind, or its model is still being loaded."))


def _followed(receipt: Receipt, intents: Intents) -> Followed:
    if isinstance(intents, IntentLensError):
        return Followed(receipt, error=intents)
    return Followed(receipt, tuple(intents))
