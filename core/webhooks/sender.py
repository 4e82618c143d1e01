"""Delivers what is in the outbox: signed, one message at a time to each webhook, tried again ever more rarely.

At least once: a message may arrive twice when the server was cut off between the answer and the note of it. Receivers
tell by `webhook-id`, which is the same at each try.
"""

import logging
import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Literal

import duckdb
import httpx2

from core.errors import IntentLensError, InvalidWebhookError, NotFoundError
from core.store.warehouse import Warehouse
from core.store.webhook_queries import (
    DeliveryRow,
    WebhookRow,
    due_deliveries,
    finish_delivery,
    get_webhook,
    replace_delivery,
    stop_webhook,
)
from core.webhooks.address import check_url
from core.webhooks.client import webhook_client
from core.webhooks.signature import signed_headers

MOST_TRIES = 8
FIRST_PAUSE_S = 5.0
GROWTH = 4.0
LONGEST_PAUSE_S = 6 * 3600.0
"""Pauses of about 5 s, 20 s, 80 s, 5 min, 21 min, 85 min and 5.7 h: a night's outage costs nothing."""

JITTER = 0.2
"""A pause is longer or shorter by up to this share, so that what failed together is not tried again together."""

TIMEOUT_S = 10.0
MOST_DEAD = 1_000
"""Dead letters kept of one webhook; older ones are forgotten."""

AT_ONCE = 8
"""Webhooks that are served at the same time."""

POLL_S = 1.0
GONE = 410
_LONGEST_ERROR = 500

Outcome = Literal["delivered", "failed", "dead"]

_log = logging.getLogger(__name__)


class Sender:
    """Works in threads of its own."""

    def __init__(self, warehouse: Warehouse, *, seed: int | None = None) -> None:
        self._warehouse = warehouse
        self._random = random.Random(seed)  # noqa: S311 - spreads pauses, guards nothing
        self._allow_private = warehouse.settings.is_loopback
        self._client = webhook_client(allow_private=self._allow_private, timeout_s=TIMEOUT_S)
        self._busy: set[str] = set()
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._closing = threading.Event()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook-sender")
        self._thread = threading.Thread(target=self._run, name="webhook-dispatcher", daemon=True)
        self.outcomes: Counter[Outcome] = Counter()

    def start(self) -> None:
        """Begin in the background, with what an earlier server left."""
        self._thread.start()

    def wake(self) -> None:
        """There is something to deliver."""
        self._news.set()

    def close(self) -> None:
        """Let tries end that are under way, and end; what is due stays in the outbox."""
        self._closing.set()
        self._news.set()
        if self._thread.is_alive():
            self._thread.join()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._client.close()

    def pause_s(self, tries: int) -> float:
        """How long to wait after so many tries."""
        pause = min(FIRST_PAUSE_S * GROWTH ** (tries - 1), LONGEST_PAUSE_S)
        return pause * self._random.uniform(1 - JITTER, 1 + JITTER)

    def _run(self) -> None:
        while not self._closing.is_set():
            self._news.clear()
            try:
                self._dispatch()
            except (IntentLensError, duckdb.Error) as error:
                _log.warning("The outbox of webhooks could not be read: %s", error)
            self._news.wait(POLL_S)

    def _dispatch(self) -> None:
        with self._lock:
            busy = sorted(self._busy)
        for delivery in due_deliveries(self._warehouse, self._warehouse.clock(), busy):
            with self._lock:
                self._busy.add(delivery.webhook_id)
            self._pool.submit(self._deliver, delivery)

    def _deliver(self, delivery: DeliveryRow) -> None:
        try:
            webhook = get_webhook(self._warehouse, delivery.webhook_id)
            status, error, asked_pause_s = self._try(webhook, delivery)
            self._note(webhook, delivery, status, error, asked_pause_s)
        except NotFoundError:
            _log.info("The webhook '%s' was removed while a message was on its way.", delivery.webhook_id)
        except (IntentLensError, duckdb.Error) as problem:
            _log.warning("What became of the message '%s' could not be noted: %s", delivery.delivery_id, problem)
            self._closing.wait(POLL_S)
        finally:
            with self._lock:
                self._busy.discard(delivery.webhook_id)
            self._news.set()

    def _try(self, webhook: WebhookRow, delivery: DeliveryRow) -> tuple[int | None, str | None, float]:
        """The status answered, if any; what went wrong, if anything; and the pause that the receiver asks for."""
        body = delivery.body.encode()
        try:
            headers = signed_headers(webhook.secret, delivery.delivery_id, self._warehouse.clock(), body)
            headers |= {"Content-Type": "application/json", "User-Agent": "IntentLens"}
            check_url(webhook.url, allow_private=self._allow_private)
            with self._client.stream("POST", webhook.url, content=body, headers=headers) as answer:
                if answer.is_success:
                    return answer.status_code, None, 0.0
                told = f"The receiver answered {answer.status_code} {answer.reason_phrase}".rstrip() + "."
                return answer.status_code, told, _retry_after_s(answer.headers.get("retry-after"))
        except (httpx2.HTTPError, httpx2.InvalidURL, InvalidWebhookError, OSError, ValueError) as error:
            return None, f"{type(error).__name__}: {error}"[:_LONGEST_ERROR], 0.0

    def _note(
        self, webhook: WebhookRow, delivery: DeliveryRow, status: int | None, error: str | None, asked_pause_s: float
    ) -> None:
        if error is None:
            finish_delivery(self._warehouse, delivery.delivery_id)
            self.outcomes["delivered"] += 1
            return
        now, tries = self._warehouse.clock(), delivery.tries + 1
        dead = tries >= MOST_TRIES or status == GONE
        pause = timedelta(seconds=max(self.pause_s(tries), asked_pause_s))
        tried = replace(
            delivery,
            status="dead" if dead else "due",
            tries=tries,
            next_try_at=now + pause,
            last_status=status,
            last_error=error,
            tried_at=now,
        )
        replace_delivery(self._warehouse, tried, most_dead=MOST_DEAD)
        if status == GONE:
            stop_webhook(self._warehouse, webhook.webhook_id, "The receiver answered 410 Gone.")
        self.outcomes["dead" if dead else "failed"] += 1
        _log.info("The message '%s' was not delivered (try %d): %s", delivery.delivery_id, tries, error)


def _retry_after_s(text: str | None) -> float:
    """The seconds of a Retry-After header; 0 where there is none, or a date."""
    return min(float(text), LONGEST_PAUSE_S) if text and text.isascii() and text.isdigit() else 0.0
