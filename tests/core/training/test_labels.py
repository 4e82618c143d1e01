"""Annotations become targets: where, how much, and by whose vote."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import TooFewLabelsError
from core.training.labels import Labels, hold_out, read_labels, split_by_time

TAXONOMY = ("browse", "purchase", "support", "other")


def _events() -> pd.DataFrame:
    """Four visitors with one session of three events each."""
    names = [f"{visitor}{number}" for visitor in "abcd" for number in range(3)]
    return pd.DataFrame(
        {
            "event_id": names,
            "visitor_id": [name[0] for name in names],
            "session_id": [f"s-{name[0]}" for name in names],
            "occurred_at": pd.date_range("2026-05-01", periods=12, freq="h"),
        }
    )


def _annotation(intent: str, *, session: str = "a", event: str | None = None, by: str = "x", status: str = "submitted"):  # type: ignore[no-untyped-def]
    return {
        "target_kind": "session" if event is None else "event",
        "event_id": event,
        "session_id": f"s-{session}",
        "intent": intent,
        "annotator": by,
        "status": status,
    }


OTHERS = (_annotation("support", session="b"), _annotation("purchase", session="c"), _annotation("browse", session="d"))


def _labels(*annotations: dict[str, str | None], weight: float = 0.5) -> Labels:
    frame = pd.DataFrame([*annotations, *OTHERS])
    return read_labels(frame, _events(), TAXONOMY, earlier_event_weight=weight)


def test_intents_without_a_label_are_left_out_and_order_is_the_taxonomys() -> None:
    assert _labels(_annotation("purchase")).intents == ("browse", "purchase", "support")


def test_a_session_label_weighs_most_at_its_last_event() -> None:
    labels = _labels(_annotation("purchase"))
    np.testing.assert_array_equal(labels.rows[:3], [0, 1, 2])
    np.testing.assert_allclose(labels.weights[:3], [0.25, 0.5, 1.0])
    np.testing.assert_array_equal(labels.decisive[:3], [False, False, True])


def test_an_event_label_wins_over_its_sessions() -> None:
    labels = _labels(_annotation("purchase"), _annotation("browse", event="a1"))
    assert [labels.intents[index] for index in labels.answers()[:3]] == ["purchase", "browse", "purchase"]
    assert labels.weights[1] == 1.0
    assert labels.decisive[1]


def test_annotators_who_disagree_share_the_target() -> None:
    labels = _labels(
        *(_annotation(intent, by=by) for intent, by in (("purchase", "x"), ("purchase", "y"), ("browse", "z")))
    )
    np.testing.assert_allclose(labels.targets[2], [1 / 3, 2 / 3, 0.0])


def test_gold_overrules_votes() -> None:
    votes = [_annotation("purchase", by=str(number)) for number in range(3)]
    labels = _labels(*votes, _annotation("support", by="lead", status="gold"))
    np.testing.assert_allclose(labels.targets[2], [0.0, 0.0, 1.0])


def test_targets_that_are_gone_are_ignored() -> None:
    labels = _labels(_annotation("purchase"), _annotation("browse", event="gone"), _annotation("browse", session="z"))
    assert labels.rows.max() < 12


def test_one_intent_is_too_few_and_the_message_says_which_to_add() -> None:
    frame = pd.DataFrame([_annotation("browse", session=session) for session in "abcd"])
    with pytest.raises(TooFewLabelsError, match="purchase, support, other next"):
        read_labels(frame, _events(), TAXONOMY, earlier_event_weight=0.5)


def test_three_labels_are_too_few_and_the_message_says_how_many_more() -> None:
    with pytest.raises(TooFewLabelsError, match="label 1 more"):
        read_labels(pd.DataFrame(OTHERS), _events(), TAXONOMY, earlier_event_weight=0.5)


def test_no_labels_at_all_are_too_few() -> None:
    columns = ["target_kind", "event_id", "session_id", "intent", "annotator", "status"]
    with pytest.raises(TooFewLabelsError, match="0 intent"):
        read_labels(pd.DataFrame(columns=columns), _events(), TAXONOMY, earlier_event_weight=0.5)


def test_the_latest_visitors_are_held_out_whole() -> None:
    labels = _labels(_annotation("browse"))
    training, validation = split_by_time(labels, _events(), 0.25)
    visitors = _events()["visitor_id"].to_numpy()[labels.rows]
    assert set(visitors[validation]) == {"d"}
    assert set(visitors[training]) == {"a", "b", "c"}


def test_the_last_visitor_to_teach_an_intent_is_passed_over() -> None:
    labels = _labels(_annotation("purchase"))  # d alone says browse
    training, validation = split_by_time(labels, _events(), 0.25)
    assert set(_events()["visitor_id"].to_numpy()[labels.rows[validation]]) == {"c"}
    assert set(labels.take(training).answers()) == {0, 1, 2}


def test_where_everybody_is_the_last_one_the_latest_are_held_out_all_the_same() -> None:
    rows = [_annotation(intent, session=session) for intent, session in zip(TAXONOMY, "abcd", strict=True)]
    labels = read_labels(pd.DataFrame(rows), _events(), TAXONOMY, earlier_event_weight=0.5)
    _, validation = split_by_time(labels, _events(), 0.5)
    assert set(_events()["visitor_id"].to_numpy()[labels.rows[validation]]) == {"c", "d"}


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3)), min_size=1, max_size=20), st.integers(1, 20))
def test_whoever_is_held_out_every_intent_is_taught_or_nobody_could_be_spared(
    said: list[tuple[int, int]], wanted: int
) -> None:
    visitors, answers = np.array(said).T
    count = len(said)
    every = np.ones(count, dtype=bool)
    weights = np.ones(count, dtype=np.float32)
    labels = Labels(TAXONOMY, np.arange(count), np.eye(4, dtype=np.float32)[answers], weights, every, np.arange(count))
    sessions = pd.Series(visitors).value_counts(sort=False)
    chosen = hold_out(labels, visitors, sessions, wanted)
    taught = ~np.isin(visitors, chosen)
    spared = [one for one in sessions.index if set(answers[visitors != one]) == set(answers)]
    assert len(chosen)
    assert (set(answers[taught]) == set(answers)) == bool(spared)
    if taught.sum() > 1 and spared and sessions[chosen].sum() < wanted:
        left = set(visitors[taught].tolist())
        assert all(set(answers[taught & (visitors != one)]) != set(answers) for one in left), "nobody else is spared"


def _in_bulk(intent: str, session: str) -> dict[str, object]:
    return _annotation(intent, session=session, by="bulk") | {"bulk": True}


def test_a_label_given_in_bulk_teaches_only_where_nobody_looked() -> None:
    frame = pd.DataFrame([_annotation("purchase"), *OTHERS, _in_bulk("browse", "a"), _in_bulk("browse", "b")])
    frame["bulk"] = frame["bulk"].eq(True)
    alone = frame[~(frame["session_id"].eq("s-b") & ~frame["bulk"])]
    labels = read_labels(alone, _events(), TAXONOMY, earlier_event_weight=0.5)
    answers = dict(zip(labels.rows.tolist(), labels.answers().tolist(), strict=True))
    assert (answers[2], answers[5]) == (labels.intents.index("purchase"), labels.intents.index("browse"))
    assert labels.decisive[labels.rows == 5].all()
    assert labels.rows[labels.measuring].tolist() == [2, 8, 11]


def test_labels_given_in_bulk_have_no_say_in_who_is_held_out_and_cannot_measure() -> None:
    rows = [_annotation("purchase"), _annotation("browse", session="b"), _annotation("purchase", session="c")]
    frame = pd.DataFrame([*rows, _in_bulk("browse", "d")])
    frame["bulk"] = frame["bulk"].eq(True)
    labels = read_labels(frame, _events(), TAXONOMY, earlier_event_weight=0.5)
    training, validation = split_by_time(labels, _events(), 0.34)
    assert set(labels.rows[validation & labels.measuring]) == {8}  # the last one looked at, not the last one labelled
    assert set(labels.rows[training & labels.decisive]) == {2, 5, 11}
    assert labels.bulk is not None
    with pytest.raises(TooFewLabelsError, match="one by one"):
        split_by_time(labels.take(labels.bulk), _events(), 0.34)
