"""Receipts from the writer's thread to the requests that wait in the event loop, many by one wake-up.

To wake the loop once for each request costs a system call and a change of threads each: a tenth of a small request.
"""

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from core.collect.collector import Post
from core.collect.intake import Intake, Outcome, Receipt
from core.errors import IntentLensError, NoModelError
from core.realtime.live_tracker import Intents, LiveTracker
from core.realtime.visitor_intent import VisitorIntent

Arrived = tuple["asyncio.Future[Any]", Any]


@dataclass(frozen=True)
class Followed:
    """What became of a post, and the intents of its visitors after it; or why they are not told."""

    receipt: Receipt
    intents: tuple[VisitorIntent, ...] = ()
    error: IntentLensError | None = None


class Receipts:
    """One per event loop and intake."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._loop = asyncio.get_running_loop()
        self._arrived: deque[Arrived] = deque()
        self._woken = False

    async def store(self, post: Post) -> Receipt:
        """What became of the post, once it is on disk. Raises as `Intake.submit_to`, and what the commit raised."""
        future: asyncio.Future[Receipt] = self._loop.create_future()
        self._intake.submit_to(post, lambda outcome: self._on_answer(future, outcome))
        return await future

    async def store_and_follow(self, post: Post, live: LiveTracker, within_s: float) -> Followed:
        """As `store`, and then the intents of the visitors, by one wake-up for both.

        Raises:
            TimeoutError: nothing was stored within this time; of what was, the intents alone may be missing.
        """
        future: asyncio.Future[Followed] = self._loop.create_future()
        stored: list[Receipt] = []

        def on_receipt(outcome: Outcome) -> None:
            if isinstance(outcome, BaseException):
                self._on_answer(future, outcome)
                return
            stored.append(outcome)
            live.ask(outcome.visitor_ids, lambda intents: self._on_answer(future, _followed(outcome, intents)))

        self._intake.submit_to(post, on_receipt)
        try:
            async with asyncio.timeout(within_s):
                return await future
        except TimeoutError:
            if not stored:
                raise
            return Followed(stored[0], error=NoModelError("The tracker is behind, or its model is still being loaded."))

    def _on_answer(self, future: "asyncio.Future[Any]", outcome: object) -> None:
        """In the writer's, the intake's or the tracker's thread."""
        self._arrived.append((future, outcome))
        if not self._woken:
            self._woken = True
            with suppress(RuntimeError):  # the loop has ended, and with it whoever waited
                self._loop.call_soon_threadsafe(self._hand_out)

    def _hand_out(self) -> None:
        """In the loop; what arrives after the first line wakes it again."""
        self._woken = False
        while self._arrived:
            future, outcome = self._arrived.popleft()
            if future.done():  # the request was given up meanwhile
                continue
            if isinstance(outcome, BaseException):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)


def _followed(receipt: Receipt, intents: Intents) -> Followed:
    if isinstance(intents, IntentLensError):
        return Followed(receipt, error=intents)
    return Followed(receipt, tuple(intents))
