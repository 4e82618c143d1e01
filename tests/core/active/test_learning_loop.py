"""When to train again: by hand for each rule, and for any order of labels, ends, restarts and failures."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.active.learning_loop import (
    BACKOFF,
    LONGEST_BACKOFF,
    Decision,
    LearningOptions,
    Situation,
    decide,
)
from core.errors import InvalidSettingError

NOW = datetime(2026, 10, 1, 9)
ON = LearningOptions(enabled=True)


def situation(**changes: object) -> Situation:
    known = Situation(ON, NOW, {"browse": 30, "search": 20}, sessions=50, new=25)
    return replace(known, **changes)  # type: ignore[arg-type]


def test_it_is_off_until_somebody_switches_it_on() -> None:
    assert LearningOptions().enabled is False
    assert decide(situation(options=LearningOptions())) == Decision("wait", "off")


def test_the_first_training_waits_for_twenty_sessions_an_intent_on_average() -> None:
    few = situation(labels={"browse": 25, "search": 5, "deal": 2}, sessions=32, new=None)
    assert decide(few) == Decision("wait", "too_few_first", missing=28)
    enough = situation(labels={"browse": 50, "search": 8, "deal": 2}, sessions=60, new=None)
    assert decide(enough) == Decision("train", "due")


def test_sessions_of_several_intents_are_not_counted_several_times() -> None:
    both = situation(labels={"browse": 20, "search": 20}, sessions=20, new=None)
    assert decide(both) == Decision("wait", "too_few_first", missing=20)


def test_then_every_twenty_new_ones_train() -> None:
    assert decide(situation(new=13)) == Decision("wait", "too_few_new", missing=7)
    assert decide(situation(new=20)) == Decision("train", "due")


def test_one_intent_alone_teaches_nothing() -> None:
    alone = situation(labels={"browse": 300}, sessions=300)
    assert (decide(alone).action, decide(alone).reason) == ("wait", "too_few_intents")


def test_fewer_than_four_sessions_are_never_trained_on() -> None:
    eager = LearningOptions(True, first_per_intent=1, every=1)
    for new in (None, 2):
        few = situation(options=eager, labels={"browse": 1, "search": 1}, sessions=2, new=new)
        assert decide(few).missing == 2


def test_nothing_is_begun_while_any_run_goes_on() -> None:
    assert decide(situation(busy="pretrain-1", unjudged="m1")) == Decision("wait", "busy")


def test_a_model_is_judged_and_scored_before_the_next_training() -> None:
    assert decide(situation(unjudged="m1", unscored="m0")).action == "judge"
    assert decide(situation(unscored="m1")).action == "score"


def test_a_failure_is_tried_again_later_and_later() -> None:
    waits = []
    for failures in range(1, 9):
        failed = situation(failures=failures, last_failed_at=NOW)
        decision = decide(failed)
        assert (decision.action, decision.reason) == ("wait", "failed_recently")
        assert decision.until is not None
        waits.append(decision.until - NOW)
        assert decide(replace(failed, now=decision.until)).action == "train"
    assert waits[:3] == [BACKOFF, 2 * BACKOFF, 4 * BACKOFF]
    assert waits[-1] == LONGEST_BACKOFF


@pytest.mark.parametrize(("name", "value"), [("first_per_intent", 0), ("every", 0), ("every", 10_001)])
def test_impossible_options_are_named(name: str, value: int) -> None:
    with pytest.raises(InvalidSettingError, match=f"{name} is '{value}', expected 1 to 10000"):
        LearningOptions(**{name: value})


@dataclass
class World:
    """A shop's journal and runs as a model: what the real ones tell, without disk; `decide` sees nothing else."""

    every: int
    first: int
    now: datetime = NOW
    labelled: list[str] = field(default_factory=list)
    taught: int | None = None
    """Sessions that the last training which did not fail was given."""
    running: int | None = None
    """Sessions that the running one was given."""
    trained_on: list[int] = field(default_factory=list)
    failures: int = 0
    last_failed_at: datetime | None = None
    unjudged: bool = False

    def situation(self) -> Situation:
        counts = {intent: self.labelled.count(intent) for intent in set(self.labelled)}
        return Situation(
            LearningOptions(True, self.first, self.every),
            self.now,
            counts,
            len(self.labelled),
            None if self.taught is None else len(self.labelled) - self.taught,
            "run" if self.running is not None else None,
            self.failures,
            self.last_failed_at,
            "model" if self.unjudged else None,
        )

    def look(self) -> Decision:
        decision = decide(self.situation())
        if decision.action == "train":
            assert self.running is None, "two at once"
            assert len(self.labelled) > (self.taught or 0), "the same labels twice"
            self.running = len(self.labelled)
        elif decision.action == "judge":
            self.unjudged = False
        return decision

    def end(self, how: str) -> None:
        if self.running is None:
            return
        if how == "failed":
            self.failures, self.last_failed_at = self.failures + 1, self.now
        else:
            self.taught, self.failures, self.last_failed_at = self.running, 0, None
            self.trained_on.append(self.running)
            self.unjudged = how == "finished"
        self.running = None


DEEDS = st.one_of(
    st.sampled_from(["browse", "search", "deal"]),
    st.sampled_from(["look", "finished", "failed", "stopped"]),
    st.integers(1, 90),
)


@given(every=st.integers(1, 6), first=st.integers(1, 4), deeds=st.lists(DEEDS, max_size=120))
@hypothesis_settings(deadline=None)
def test_any_order_of_events_never_trains_twice_at_once_or_on_the_same_labels(
    every: int, first: int, deeds: list[str | int]
) -> None:
    world = World(every, first)
    for deed in deeds:
        if deed == "look":
            world.look()
        elif isinstance(deed, int):
            world.now += timedelta(minutes=deed)
        elif deed in ("finished", "failed", "stopped"):
            world.end(deed)
        else:
            world.labelled.append(deed)
    steps = [later - earlier for earlier, later in zip(world.trained_on, world.trained_on[1:], strict=False)]
    assert all(step >= every for step in steps)
    _goes_on_in_the_end(world)


def _goes_on_in_the_end(world: World) -> None:
    """However it came here: with labels enough and time enough it trains."""
    world.end("finished")
    world.labelled += ["browse", "search", "deal"] * (world.first + world.every)
    world.now += LONGEST_BACKOFF
    actions = [world.look().action for _ in range(3)]
    assert "train" in actions
