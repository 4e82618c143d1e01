"""Plausibility by hand, and chance by trying every order."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score

from core.explain.study.plausibility import chance_average_precision, plausibility, rationales

EVENTS = pd.DataFrame(
    {
        "event_id": ["a1", "a2", "a3", "b1", "b2", "c1", "c2", "d1"],
        "session_id": ["a", "a", "a", "b", "b", "c", "c", "d"],
        "visitor_id": ["v"] * 5 + ["w"] * 3,
    }
)


def _annotations(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """(kind, target, intent) each by one annotator."""
    sessions = EVENTS.set_index("event_id")["session_id"]
    return pd.DataFrame(
        {
            "target_kind": [kind for kind, _, _ in rows],
            "event_id": [target if kind == "event" else None for kind, target, _ in rows],
            "session_id": [sessions[target] if kind == "event" else target for kind, target, _ in rows],
            "intent": [intent for _, _, intent in rows],
            "annotator": "ana",
            "status": "submitted",
        }
    )


def test_a_heatmap_that_puts_what_people_marked_first_is_perfect() -> None:
    found = plausibility(np.array([0.1, 0.9, -0.3, 0.5], dtype=np.float32), np.array([False, True, False, True]))
    assert (found.auprc, found.token_f1, found.iou) == (1, 1, 1)
    assert found.chance_token_f1 == pytest.approx(0.5)
    # Of two drawn from four, two of which are right: 0, 1 or 2 hits in 1, 4 and 1 of 6 draws; IOU 0, 1/3 and 1.
    assert found.chance_iou == pytest.approx((4 / 3 + 1) / 6)


def test_half_right_is_half_right() -> None:
    found = plausibility(np.array([0.4, 0.3, 0.2, 0.1], dtype=np.float32), np.array([False, True, True, False]))
    assert found.token_f1 == pytest.approx(0.5)
    assert found.iou == pytest.approx(1 / 3)
    assert found.auprc == pytest.approx((1 / 2 + 2 / 3) / 2)


def test_what_speaks_against_the_intent_ranks_last() -> None:
    found = plausibility(np.array([-0.9, 0.1, 0.2], dtype=np.float32), np.array([True, False, False]))
    assert found.auprc == pytest.approx(1 / 3)
    assert found.token_f1 == 0


@pytest.mark.parametrize(("marked", "events"), [(1, 1), (1, 2), (1, 4), (2, 4), (3, 4), (4, 4), (2, 5)])
def test_chance_is_the_mean_over_all_orders(marked: int, events: int) -> None:
    truth = np.arange(events) < marked
    every = [average_precision_score(truth, np.array(order)) for order in permutations(range(events))]
    assert chance_average_precision(marked, events) == pytest.approx(np.mean(every))


def test_events_labelled_as_their_session_are_its_rationale() -> None:
    labels = _annotations(("session", "a", "deal"), ("event", "a1", "deal"), ("event", "a2", "browse"))
    (found,) = rationales(labels, EVENTS, ("browse", "deal"))
    assert (found.session_id, found.event_id, found.intent, found.marked) == ("a", "a3", "deal", {"a1"})


def test_without_a_session_label_the_event_labels_say_the_intent() -> None:
    (found,) = rationales(_annotations(("event", "b1", "deal")), EVENTS, ("browse", "deal"))
    assert (found.session_id, found.intent, found.marked) == ("b", "deal", {"b1"})


def test_sessions_that_say_nothing_are_left_out() -> None:
    labels = _annotations(
        ("event", "d1", "deal"),  # its only event: any order is right
        ("session", "c", "browse"),  # no event of it is marked
        ("session", "a", "deal"),
        ("event", "a1", "browse"),  # none speaks for the session's intent
        ("event", "b1", "unknown to the model"),
    )
    assert list(rationales(labels, EVENTS, ("browse", "deal"))) == []
