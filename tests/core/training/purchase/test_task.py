"""Which events may be read, and what became of their sessions."""

import numpy as np
import pytest

from core.errors import TooFewLabelsError
from core.model.purchase_cut import before_first_order
from core.training.purchase.split import split_by_visitor_and_time
from core.training.purchase.task import LEAST_SESSIONS, purchase_task
from tests.core.training.purchase.shops import frame

MANY = tuple(pair for n in range(LEAST_SESSIONS) for pair in ((f"a{n:02}", "view view purchase"), (f"b{n:02}", "view")))


def test_everything_from_the_first_order_on_is_cut() -> None:
    events = frame(("a", "view purchase page purchase view"), ("b", "view page"))
    kept = events[before_first_order(events)]
    assert kept["event_id"].tolist() == ["000-000", "001-000", "001-001"]


def test_events_of_the_orders_own_instant_are_cut_too() -> None:
    events = frame(("a", "view checkout +page +purchase +page"), ("b", "view"))
    assert events[before_first_order(events)]["event_id"].tolist() == ["000-000", "001-000"]


def test_an_order_cuts_its_own_session_only() -> None:
    events = frame(("a", "view purchase"), ("a", "view view"), ("b", "view"))
    assert events[before_first_order(events)]["event_id"].tolist() == ["000-000", "001-000", "001-001", "002-000"]


def test_the_same_session_id_of_two_visitors_is_two_sessions() -> None:
    events = frame(("a", "view purchase view"), ("b", "view view view")).assign(session_id="s")
    assert int(before_first_order(events).sum()) == 4


def test_a_session_that_begins_with_its_order_is_counted_and_left_out() -> None:
    task = purchase_task(frame(*MANY, ("z", "purchase view purchase")), "purchase")
    assert task.dropped == 1
    assert "z" not in set(task.events["visitor_id"])


def test_answers_places_and_lengths_belong_to_the_session() -> None:
    task = purchase_task(frame(("0", "search view cart purchase purchase"), *MANY), "purchase")
    first = slice(0, 3)
    assert task.answer[first].all()
    assert task.place[first].tolist() == [1, 2, 3]
    assert task.length[first].tolist() == [3, 3, 3]
    assert not task.answer[(task.events["visitor_id"] == "b00").to_numpy()].any()
    assert set(task.events["event_type"]) == {"search", "view", "cart"}


def test_long_sessions_have_no_more_say_at_power_one() -> None:
    task = purchase_task(frame(("0", " ".join(["view"] * 30)), *MANY), "purchase")
    say = np.bincount(task.session, weights=task.weights(1.0))
    np.testing.assert_allclose(say, say[0], rtol=1e-5)
    assert float(task.weights(1.0).mean()) == pytest.approx(1.0, abs=1e-5)
    np.testing.assert_allclose(task.weights(0.0), 1.0)


def test_without_orders_the_error_says_what_is_missing() -> None:
    with pytest.raises(TooFewLabelsError, match=r"None of the 2 events is a 'purchase'.*import the shop's orders"):
        purchase_task(frame(("a", "view view")), "purchase")


def test_with_too_few_orders_the_error_says_how_many_there_are() -> None:
    sessions = frame(("a", "view purchase"), ("b", "purchase"), ("c", "view"))
    with pytest.raises(TooFewLabelsError, match=r"1 session\(s\) show .* 1 end without.*1 more begin with it"):
        purchase_task(sessions, "purchase")


def test_another_event_type_can_be_the_target() -> None:
    events = frame(*((visitor, types.replace("purchase", "checkout page")) for visitor, types in MANY))
    task = purchase_task(events, "checkout")
    assert int(task.answer[task.ends].sum()) == LEAST_SESSIONS
    assert set(task.events["event_type"]) == {"view"}


def test_the_parts_share_no_visitor_and_follow_each_other_in_time() -> None:
    task = purchase_task(frame(*MANY, *MANY), "purchase")  # each visitor comes twice
    split = split_by_visitor_and_time(task, 0.2, 0.3)
    parts = [set(task.events["visitor_id"][rows]) for rows in (split.training, split.validation, split.test)]
    assert [len(part) for part in parts] == [20, 8, 12]
    assert set.union(*parts) == set(task.events["visitor_id"])
    last_seen = task.events.groupby("visitor_id")["occurred_at"].max()
    training, validation, test = (last_seen[list(part)] for part in parts)
    assert training.max() < validation.min() <= validation.max() < test.min()


def test_a_part_of_one_kind_only_is_refused() -> None:
    buyers_first = sorted(MANY, key=lambda pair: pair[0])
    with pytest.raises(TooFewLabelsError, match=r"validation session\(s\), 0 bought"):
        split_by_visitor_and_time(purchase_task(frame(*buyers_first), "purchase"), 0.2, 0.2)
