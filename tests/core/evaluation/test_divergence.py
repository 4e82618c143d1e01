"""Two models on the same sessions: agreement, κ and distance by hand, and by what scikit-learn and scipy say."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from sklearn.metrics import cohen_kappa_score

from core.evaluation.divergence import (
    Answers,
    answers_of_records,
    answers_of_states,
    diverge,
    jensen_shannon,
    kappa_of,
)
from tests.core.evaluation.records import Played, records


def _answers(first: np.ndarray, second: np.ndarray, visitors: int | None = None) -> Answers:
    n = len(first)
    frame = pd.DataFrame(
        {
            "session_id": [f"s{at}" for at in range(n)],
            "visitor_id": [f"v{at % (visitors or n)}" for at in range(n)],
            "event_id": [f"e{at}" for at in range(n)],
        }
    )
    return Answers(("browse", "search", "deal")[: first.shape[1]], frame, first, second)


def _certain(places: list[int], size: int = 3) -> np.ndarray:
    return np.eye(size)[places] * 0.7 + 0.1


def test_agreement_and_the_cells_are_counts_of_sessions() -> None:
    found = diverge(_answers(_certain([0, 0, 1, 2]), _certain([0, 1, 1, 0])))
    assert found is not None
    assert (found.n, found.visitors, found.agreement.value) == (4, 4, 0.5)
    assert found.confusion.tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 0]]
    assert found.agreement.low <= 0.5 <= found.agreement.high
    rows = found.per_intent.set_index("intent")
    assert rows.loc["browse", ["first", "second", "both"]].tolist() == [2, 2, 1]
    assert rows.loc["browse", "agreement"] == 0.5
    assert rows.loc["deal", "agreement"] == 0.0
    assert found.cell("browse", "search")["session_id"].tolist() == ["s1"]
    assert found.cell("deal", "deal").empty


def test_the_furthest_apart_come_first() -> None:
    first = np.array([[0.5, 0.5], [0.99, 0.01], [0.6, 0.4]])
    second = np.array([[0.5, 0.5], [0.01, 0.99], [0.4, 0.6]])
    found = diverge(_answers(first, second))
    assert found is not None
    assert found.sessions["session_id"].tolist() == ["s1", "s2", "s0"]
    assert found.sessions["divergence"].iloc[0] > 0.9
    assert found.sessions["divergence"].iloc[2] == 0.0
    assert found.sessions["first_probability"].iloc[0] == pytest.approx(0.99)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=40))
def test_kappa_is_that_of_scikit_learn(said: list[tuple[int, int]]) -> None:
    first, second = zip(*said, strict=True)
    if len({*first, *second}) == 1:
        return  # undefined, tested below
    counts = np.zeros((3, 3), dtype=np.int64)
    np.add.at(counts, (list(first), list(second)), 1)
    assert float(kappa_of(counts)) == pytest.approx(cohen_kappa_score(first, second))


def test_models_that_both_say_one_thing_have_no_kappa() -> None:
    found = diverge(_answers(_certain([0, 0, 0]), _certain([0, 0, 0])))
    assert found is not None
    assert np.isnan(found.kappa.value)
    assert found.agreement.value == 1.0
    assert found.per_intent["intent"].tolist() == ["browse"]


def test_distance_is_that_of_scipy() -> None:
    random = np.random.default_rng(0)
    first, second = random.dirichlet([0.3] * 5, 50), random.dirichlet([0.3] * 5, 50)
    first[0] = [1, 0, 0, 0, 0]
    expected = [jensenshannon(one, other, base=2) ** 2 for one, other in zip(first, second, strict=True)]
    np.testing.assert_allclose(jensen_shannon(first, second), expected, atol=1e-9)
    assert jensen_shannon(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]))[0] == pytest.approx(1.0)


def test_intervals_draw_whole_visitors() -> None:
    """Of two visitors with fifty sessions each, one of whom is always agreed on, the share may be anything."""
    first, second = _certain([0, 1] * 50), _certain([0, 2] * 50)
    found = diverge(_answers(first, second, visitors=2))
    assert found is not None
    assert (found.agreement.low, found.agreement.value, found.agreement.high) == (0.0, 0.5, 1.0)


def test_intents_that_one_model_does_not_know_have_no_probability_there() -> None:
    states = pd.DataFrame(
        {"session_id": ["s"], "visitor_id": ["v"], "event_id": ["e"], "first": [[0.2, 0.8]], "second": [[0.9, 0.1]]}
    )
    answers = answers_of_states(states, (("browse", "deal"), ("deal", "support")))
    assert answers.intents == ("browse", "deal", "support")
    assert answers.first.tolist() == [[0.2, 0.8, 0.0]]
    assert answers.second.tolist() == [[0.0, 0.9, 0.1]]
    assert diverge(answers_of_states(states.head(0), (("browse",), ("browse",)))) is None


def test_held_out_sessions_are_compared_at_their_last_events() -> None:
    first, second = records(Played("a", "bs", "s"), Played("b", "d", "d")), records(Played("a", "sd", "d"))
    answers = answers_of_records(first, second)
    assert answers.frame["event_id"].tolist() == ["a.2"]
    found = diverge(answers)
    assert found is not None
    assert found.sessions[["first", "second"]].to_numpy().tolist() == [["search", "deal"]]
