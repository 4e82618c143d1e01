"""Presence: its counts equal those recomputed from the whole list of updates, and a leave is what the words say."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from core.realtime.live_view import Asked, live_view
from core.realtime.presence import FORGET_S, LEAVE_AFTER_S, MINUTE_S, Presence, seconds_of
from core.realtime.tally import TALLY_S
from tests.core.realtime.moments import START, MovedClock, update_of

INTENTS = ("browse", "compare", "purchase", "support")
TYPES = ("view", "add_to_cart", "remove_from_cart", "purchase")


@dataclass(frozen=True)
class Step:
    """So many seconds later this visitor does something."""

    wait_s: float
    visitor: str
    intent: str
    event_type: str
    abstained: bool


STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from([0.0, 0.4, 3.0, 9.9, 10.0, 61.0, 290.0, 301.0, 1801.0]),
        st.sampled_from(["ann", "bob", "cem", "dia"]),
        st.sampled_from(INTENTS),
        st.sampled_from(TYPES),
        st.booleans(),
    ),
    max_size=40,
)


def _play(steps: list[Step]) -> tuple[Presence, list[tuple[float, Step]]]:
    clock = MovedClock()
    presence = Presence(clock)
    log = []
    for step in steps:
        clock.move(step.wait_s)
        presence.on_updates([update_of(step.visitor, step.intent, step.event_type, abstained=step.abstained)])
        log.append((seconds_of(clock()), step))
    return presence, log


def _by_stretch(log: list[tuple[float, Step]], length_s: int) -> dict[int, Counter[str]]:
    last: dict[tuple[int, str], str] = {}
    for at, step in log:
        last[int(at // length_s) * length_s, step.visitor] = step.intent
    found: dict[int, Counter[str]] = {}
    for (start, _), intent in last.items():
        found.setdefault(start, Counter())[intent] += 1
    return found


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_bars_and_changes_equal_those_recomputed_from_all_updates(steps: list[Step]) -> None:
    presence, log = _play(steps)
    for length_s in (TALLY_S, MINUTE_S):
        start_s, bars = presence.bars(FORGET_S, length_s)
        expected = _by_stretch(log, length_s)
        assert [dict(bar) for bar in bars] == [
            dict(expected.get(start_s + place * length_s, {})) for place in range(len(bars))
        ]
    changes: Counter[tuple[str, str]] = Counter()
    last: dict[str, tuple[float, str]] = {}
    since = int((log[-1][0] if log else 0.0) // TALLY_S) * TALLY_S + TALLY_S - FORGET_S
    for at, step in log:
        before = last.get(step.visitor)
        in_window = int(at // TALLY_S) * TALLY_S >= since
        if in_window and before is not None and at - before[0] < FORGET_S and before[1] != step.intent:
            changes[before[1], step.intent] += 1
        last[step.visitor] = (at, step.intent)
    assert presence.changes(FORGET_S) == changes


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_who_is_here_equals_the_last_update_of_each(steps: list[Step]) -> None:
    presence, log = _play(steps)
    view = live_view(presence, Asked(minutes=30))
    last = {step.visitor: (at, step) for at, step in log}
    now_s = log[-1][0] if log else 0.0
    here = {name: step for name, (at, step) in last.items() if at >= now_s - FORGET_S and at > now_s - FORGET_S}
    assert {one["id"]: (one["intent"], one["unsure"], one["type"]) for one in view.visitors} == {
        name: (step.intent, step.abstained, step.event_type) for name, step in here.items()
    }
    assert view.by_intent == dict(Counter(step.intent for step in here.values()))
    assert view.active == len(here)


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_first_steps_into_an_intent_are_counted_once_a_visit(steps: list[Step]) -> None:
    presence, log = _play(steps)
    counted = presence.counts(0, 1e12)
    expected: Counter[str] = Counter()
    been: dict[str, set[str]] = {}
    last: dict[str, float] = {}
    for at, step in log:
        if step.visitor not in last or at - last[step.visitor] >= FORGET_S:
            been[step.visitor] = set()
        if step.intent not in been[step.visitor]:
            expected[step.intent] += 1
            been[step.visitor].add(step.intent)
        last[step.visitor] = at
    assert counted.came_to == expected
    assert counted.updates == len(log)
    assert counted.ordered == sum(step.event_type == "purchase" for _, step in log)


def _left(presence: Presence) -> int:
    return presence.counts(0, 1e12).left


def test_who_was_about_to_buy_and_falls_silent_has_left_once() -> None:
    clock = MovedClock()
    presence = Presence(clock)
    presence.on_updates([update_of("ann", "purchase")])
    clock.move(LEAVE_AFTER_S - 1)
    assert _left(presence) == 0
    clock.move(1)
    assert _left(presence) == 1
    assert live_view(presence, Asked(minutes=30)).visitors[0]["left"]
    presence.on_updates([update_of("ann", "purchase")])
    assert not live_view(presence, Asked(minutes=30)).visitors[0]["left"]
    clock.move(LEAVE_AFTER_S)
    assert _left(presence) == 1


def test_a_filled_cart_counts_as_about_to_buy_and_an_order_or_an_emptied_cart_does_not() -> None:
    clock = MovedClock()
    presence = Presence(clock)
    for visitor, types in {
        "cart": ["add_to_cart"],
        "emptied": ["add_to_cart", "remove_from_cart"],
        "bought": ["add_to_cart", "purchase"],
        "looked": ["view"],
    }.items():
        for event_type in types:
            presence.on_updates([update_of(visitor, "browse", event_type)])
    presence.on_updates([update_of("still buying", "purchase", "purchase")])
    clock.move(LEAVE_AFTER_S)
    assert _left(presence) == 1
    assert [one["id"] for one in live_view(presence, Asked(minutes=30, intent="left")).visitors] == ["cart"]


def test_memory_is_bounded_and_the_longest_silent_go_first() -> None:
    clock = MovedClock()
    presence = Presence(clock, most=3)
    for place in range(5):
        presence.on_updates([update_of(f"v{place}", "browse")])
        clock.move(1)
    assert [one["id"] for one in live_view(presence, Asked()).visitors] == ["v4", "v3", "v2"]
    assert presence.pushed_out == 2


def test_a_clock_set_back_loses_nothing() -> None:
    clock = MovedClock()
    presence = Presence(clock)
    presence.on_updates([update_of("ann", "browse")])
    clock.move(-3600)
    presence.on_updates([update_of("bob", "browse")])
    view = live_view(presence, Asked())
    assert view.active == 2
    assert view.bars[-1] == {"browse": 2}


def test_asking_chooses_and_orders() -> None:
    clock = MovedClock()
    presence = Presence(clock)
    presence.on_updates([update_of("Ann", "browse", confidence=0.9)])
    clock.move(1)
    presence.on_updates([update_of("bob", "support", confidence=0.6, abstained=True)])
    clock.move(1)
    presence.on_updates([update_of("Ann", "purchase", confidence=0.7)])

    def ids(**asked: object) -> list[str]:
        return [one["id"] for one in live_view(presence, Asked(**asked)).visitors]  # type: ignore[arg-type]

    assert ids() == ["Ann", "bob"]
    assert ids(intent="support") == ids(intent="unsure") == ["bob"]
    assert ids(search="AN") == ["Ann"]
    assert ids(order="unsure") == ["bob", "Ann"]
    assert ids(order="changed") == ids(order="events") == ids(order="here") == ["Ann", "bob"]
    assert ids(limit=1) == ["Ann"]
    assert live_view(presence, Asked(limit=1)).matching == 2


def test_a_new_session_begins_its_count_anew() -> None:
    presence = Presence(MovedClock())
    for session in ("s1", "s1", "s2"):
        presence.on_updates([update_of("ann", "browse", session_id=session)])
    (ann,) = live_view(presence, Asked()).visitors
    assert (ann["session"], ann["events"]) == ("s2", 1)


def test_a_late_event_counts_once_and_says_nothing_of_now() -> None:
    """The tracker tells a late event at its own place, and the newest again after it."""
    presence = Presence(MovedClock())
    late_at, newest_at = START, START + timedelta(minutes=5)
    newest = update_of("ann", "purchase", "add_to_cart", at=newest_at, event_id="newest", session_id="s")
    late = update_of("ann", "browse", "add_to_cart", at=late_at, event_id="late", session_id="s")
    presence.on_updates([newest])
    presence.on_updates([late, newest])
    with presence.visitors(60) as [visitor]:
        assert (visitor.intent, visitor.event_id, visitor.cart, visitor.events) == ("purchase", "newest", 2, 2)
    assert presence.changes(60) == {}
    bought = update_of(
        "ann", "purchase", "purchase", at=newest_at + timedelta(seconds=1), event_id="order", session_id="s"
    )
    presence.on_updates([bought])
    presence.on_updates([update_of("ann", "browse", at=late_at, event_id="later still", session_id="s"), bought])
    now_s = presence.now_s()
    assert presence.counts(now_s - 60, now_s + 60).ordered == 1
