"""How many events a key may send: a token bucket each (Turner 1986), holding BURST_S seconds' worth."""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

BURST_S = 2.0
MOST_BUCKETS = 10_000


class RateLimiter:
    """Buckets by name; those longest unused are forgotten."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, name: str, events: int, events_per_second: int) -> int:
        """Take tokens for these events; 0, or the whole seconds after which there will be enough.

        A post of more than the bucket holds passes when the bucket is full, and leaves a debt.
        """
        if events_per_second <= 0:
            return 0
        most = events_per_second * BURST_S
        now = self._now_s()
        with self._lock:
            tokens, at = self._buckets.pop(name, (most, now))
            tokens = min(most, tokens + (now - at) * events_per_second)
            lacking = min(float(events), most) - tokens
            if lacking <= 1e-9:
                tokens -= events
            self._buckets[name] = (tokens, now)
            if len(self._buckets) > MOST_BUCKETS:
                self._buckets.popitem(last=False)
        return 0 if lacking <= 1e-9 else max(1, math.ceil(lacking / events_per_second))
