"""Receipts from the writer's thread to those who wait for them in an event loop, many by one wake-up.

To wake the loop once for each request costs a system call and a change of threads each: a tenth of a small request.
"""

import asyncio
from collections import deque
from contextlib import suppress
from typing import Any

from core.collect.collector import Post
from core.collect.intake import Answer, Intake, Receipt

Arrived = tuple["asyncio.Future[Any]", Any]


class Receipts:
    """One per event loop and intake."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._loop = asyncio.get_running_loop()
        self._arrived: deque[Arrived] = deque()
        self._woken = False

    async def store(self, post: Post) -> Receipt:
        """What became of the post, once it is on disk. Raises as `Intake.submit_to`, and what the commit raised."""
        return await self.submit(post)

    def submit(self, post: Post) -> "asyncio.Future[Receipt]":
        """Queue a post, in the loop; the future resolves once it is on disk. Raises as `Intake.submit_to`."""
        future: asyncio.Future[Receipt] = self._loop.create_future()
        self._intake.submit_to(post, lambda outcome: self.hand_over(future, outcome))
        return future

    def submit_to(self, post: Post, answer: Answer) -> None:
        """As `Intake.submit_to`."""
        self._intake.submit_to(post, answer)

    def hand_over(self, future: "asyncio.Future[Any]", outcome: object) -> None:
        """Resolve a future of the loop's from another thread."""
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
