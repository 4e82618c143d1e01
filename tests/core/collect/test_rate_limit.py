"""Token buckets: never more than the rate and one burst, and the wait that is told is enough."""

from hypothesis import given
from hypothesis import strategies as st

from core.collect.rate_limit import BURST_S, RateLimiter


class _Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_key_without_a_rate_is_never_kept_waiting() -> None:
    limiter = RateLimiter(_Clock())
    assert [limiter.wait_s("a", 10**6, 0) for _ in range(5)] == [0] * 5


def test_one_key_does_not_use_up_anothers_tokens() -> None:
    limiter = RateLimiter(_Clock())
    assert limiter.wait_s("a", 20, 10) == 0
    assert limiter.wait_s("a", 1, 10) == 1
    assert limiter.wait_s("b", 20, 10) == 0


def test_a_post_larger_than_the_bucket_passes_when_it_is_full_and_is_paid_for_later() -> None:
    clock = _Clock()
    limiter = RateLimiter(clock)
    assert limiter.wait_s("a", 50, 10) == 0
    assert limiter.wait_s("a", 1, 10) == 4  # 30 in debt, and one more
    clock.now += 4
    assert limiter.wait_s("a", 1, 10) == 0


@given(st.integers(1, 100), st.lists(st.tuples(st.floats(0, 5), st.integers(1, 300)), min_size=1, max_size=50))
def test_what_passes_stays_within_rate_and_burst(rate: int, posts: list[tuple[float, int]]) -> None:
    clock = _Clock()
    limiter = RateLimiter(clock)
    began, passed, largest = clock.now, 0, 0
    for pause, events in posts:
        clock.now += pause
        wait_s = limiter.wait_s("a", events, rate)
        if wait_s:
            clock.now += wait_s
            assert limiter.wait_s("a", events, rate) == 0
        passed += events
        largest = max(largest, events)
    assert passed <= rate * (clock.now - began + BURST_S) + largest
