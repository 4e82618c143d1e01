"""Every strategy keeps to the pool, is seeded and leaves out what it should; and each picks what its method says."""

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from core.active.handing_out import asking_now
from core.active.options import QueueOptions, ScoredModel
from core.active.pool import open_pool
from core.active.query_strategies.committee import jensen_shannon, vote_entropy
from core.active.query_strategies.core_set import k_centre_greedy
from core.active.query_strategies.entropy import Entropy
from core.active.query_strategies.least_confidence import LeastConfidence
from core.active.query_strategies.margin import Margin
from core.active.query_strategies.registry import STRATEGIES, is_ready
from core.active.query_strategies.typical import typical_of_each
from core.intents.editing import Retire
from core.intents.versions import edit_taxonomy
from core.store.ingest_queries import append_events
from core.store.session_queries import SessionFilter
from core.store.warehouse import Warehouse
from tests.core.active.shop import fill, label, store_states
from tests.core.store.rows import event, table

SQL = "SELECT session_id FROM sessions WHERE session_id <> 's3'"


@pytest.fixture
def models(warehouse: Warehouse) -> tuple[ScoredModel, ...]:
    """Two models that scored all sessions but the last two."""
    sessions = fill(warehouse, 20)[:18]
    generator = np.random.default_rng(5)
    states = []
    for name in ("m1", "m2"):
        probabilities = generator.dirichlet([1, 1, 1], len(sessions))
        embeddings = generator.normal(size=(len(sessions), 4))
        states.append(
            store_states(
                warehouse,
                dict(zip(sessions, probabilities.tolist(), strict=True)),
                dict(zip(sessions, embeddings.tolist(), strict=True)),
                name,
            )
        )
    return tuple(states)


def _rank(
    warehouse: Warehouse, options: QueueOptions, models: tuple[ScoredModel, ...], wanted: int, loaded: list[str]
) -> list[str]:
    strategy = STRATEGIES[options.queue]
    asking = asking_now(warehouse, options, "mei", loaded)
    with open_pool(warehouse, options, asking, models, strategy.restriction(warehouse, options, models)) as pool:
        return strategy.rank(pool, wanted)


@pytest.mark.parametrize("name", list(STRATEGIES))
def test_a_strategy_keeps_to_the_pool(name: str, warehouse: Warehouse, models: tuple[ScoredModel, ...]) -> None:
    strategy = STRATEGIES[name]
    label(warehouse, "s0", "mei")
    label(warehouse, "s1", "jonas")
    label(warehouse, "s2", "mei", None)
    if name == "outdated":
        edit_taxonomy(warehouse, [Retire("browse")], author="lead")
    options = QueueOptions(name, sql=SQL, filter=SessionFilter(min_events=2))
    everything = _rank(warehouse, options, models, 100, [])
    assert len(set(everything)) == len(everything) > 0
    labelled = {"s0", "s1"}
    assert set(everything) <= labelled if strategy.reviewing else not set(everything) & {*labelled, "s2"}
    assert everything == _rank(warehouse, options, models, 100, [])
    assert _rank(warehouse, options, models, 1, []) == everything[:1]
    assert everything[0] not in _rank(warehouse, options, models, 100, everything[:1])
    if not strategy.reviewing and name not in {"filter", "sql", "drifted"}:
        assert len(everything) == 17  # none is lost, scored or not


@pytest.mark.parametrize("name", list(STRATEGIES))
def test_a_strategy_says_what_it_needs(name: str, warehouse: Warehouse, models: tuple[ScoredModel, ...]) -> None:
    assert is_ready(STRATEGIES[name], models, kinds=True)
    assert is_ready(STRATEGIES[name], (), kinds=False) is (STRATEGIES[name].needs == "nothing")
    assert is_ready(STRATEGIES[name], models, kinds=False) is (STRATEGIES[name].needs != "kinds")


@pytest.mark.parametrize("name", ["least_confidence", "margin", "entropy"])
def test_uncertainty_asks_for_the_undecided_session(name: str, warehouse: Warehouse) -> None:
    fill(warehouse, 3)
    model = store_states(warehouse, {"s0": [0.9, 0.05, 0.05], "s1": [0.34, 0.33, 0.33], "s2": [0.6, 0.3, 0.1]})
    assert _rank(warehouse, QueueOptions(name), (model,), 3, []) == ["s1", "s2", "s0"]


def test_core_set_visits_every_cluster_before_it_returns_to_one(warehouse: Warehouse) -> None:
    sessions = fill(warehouse, 30)
    generator = np.random.default_rng(2)
    centres = np.array([[0.0, 0.0], [50.0, 0.0], [0.0, 50.0]])
    points = {one: (centres[n % 3] + generator.normal(size=2)).tolist() for n, one in enumerate(sessions)}
    model = store_states(warehouse, {key: [0.4, 0.3, 0.3] for key in sessions}, points)
    label(warehouse, "s0", "jonas")
    got = _rank(warehouse, QueueOptions("core_set"), (model,), 2, [])
    assert {int(one[1:]) % 3 for one in got} == {1, 2}


def test_the_committee_asks_where_its_members_disagree(warehouse: Warehouse) -> None:
    fill(warehouse, 3)
    first = store_states(warehouse, {"s0": [0.9, 0.1, 0.0], "s1": [0.9, 0.1, 0.0], "s2": [0.4, 0.3, 0.3]}, None, "m1")
    second = store_states(warehouse, {"s0": [0.9, 0.1, 0.0], "s1": [0.1, 0.9, 0.0], "s2": [0.3, 0.4, 0.3]}, None, "m2")
    assert _rank(warehouse, QueueOptions("committee"), (first, second), 3, []) == ["s1", "s2", "s0"]


def test_a_committee_may_know_different_intents(warehouse: Warehouse) -> None:
    fill(warehouse, 2)
    first = store_states(warehouse, {"s0": [0.9, 0.1, 0.0], "s1": [0.9, 0.1, 0.0]}, None, "m1")
    store_states(warehouse, {"s0": [0.9, 0.1], "s1": [0.1, 0.9]}, None, "m2")
    second = ScoredModel("m2", ("browse", "deal"), first.created_at, first.folder)
    assert _rank(warehouse, QueueOptions("committee"), (first, second), 1, []) == ["s1"]


def test_label_errors_judge_only_by_what_the_model_had_not_learnt(warehouse: Warehouse, tmp_path) -> None:
    sessions = fill(warehouse, 4)
    for session_id in sessions:
        label(warehouse, session_id, "jonas", "browse")
    states = store_states(warehouse, {key: [0.0, 1.0, 0.0] for key in sessions})
    held_out = pa.Table.from_pylist(
        [
            {"session_id": "s1", "place": place, "model": values}
            for place, values in ((1, [0.0, 0.0, 1.0]), (2, [0.7, 0.2, 0.1]))
        ]
        + [{"session_id": "s2", "place": 1, "model": [0.2, 0.7, 0.1]}]
    )
    pq.write_table(held_out, tmp_path / "evaluation.parquet")
    learnt_all = ScoredModel("m1", states.intents, warehouse.clock() + timedelta(hours=1), tmp_path)
    assert _rank(warehouse, QueueOptions("label_errors"), (learnt_all,), 4, [])[:2] == ["s2", "s1"]
    learnt_none = ScoredModel("m1", states.intents, warehouse.clock() - timedelta(hours=1), tmp_path)
    assert set(_rank(warehouse, QueueOptions("label_errors"), (learnt_none,), 2, [])) == {"s0", "s3"}


def test_the_drifted_slice_is_the_new_sessions_unlike_the_older_ones(warehouse: Warehouse) -> None:
    rows = [
        event(n, visitor=f"v{n // 2}", minutes=60 * (n // 2) + n % 2, session_id=f"s{n // 2}", device=device)
        for n in range(200)
        for device in ["watch" if n // 2 in (85, 93) else "phone" if n // 2 % 2 else "desktop"]
    ]
    append_events(warehouse, table(*rows))
    got = _rank(warehouse, QueueOptions("drifted"), (), 100, [])
    assert set(got[:2]) == {"s85", "s93"}
    assert {int(one[1:]) for one in got} <= set(range(79, 100))


def test_sql_keeps_the_order_of_the_query(warehouse: Warehouse) -> None:
    fill(warehouse, 5)
    options = QueueOptions("sql", sql="SELECT session_id FROM sessions ORDER BY started_at DESC; ")
    assert _rank(warehouse, options, (), 5, []) == ["s4", "s3", "s2", "s1", "s0"]


probabilities = arrays.arrays(np.float64, (6, 4), elements=st.floats(0.01, 1.0)).map(
    lambda raw: raw / raw.sum(axis=1, keepdims=True)
)


@given(probabilities)
def test_uncertainty_is_least_where_the_model_is_sure_and_most_where_it_is_even(raw: np.ndarray) -> None:
    sure, even = np.eye(4)[:1], np.full((1, 4), 0.25)
    for measure in (LeastConfidence.score, Margin.score, Entropy.score):
        assert measure(sure)[0] <= measure(raw).min() + 1e-9
        assert measure(even)[0] >= measure(raw).max() - 1e-9


@given(probabilities)
def test_a_committee_of_one_mind_does_not_disagree(raw: np.ndarray) -> None:
    members = np.stack([raw, raw])
    assert np.abs(jensen_shannon(members)).max() < 1e-9
    assert np.abs(vote_entropy(members)).max() < 1e-9
    assert jensen_shannon(np.stack([np.eye(4), np.eye(4)[::-1]])) == pytest.approx(np.full(4, np.log(2)))


@given(arrays.arrays(np.float32, (12, 3), elements=st.floats(-9, 9, width=32)), st.integers(1, 12))
def test_greedy_k_centre_is_within_twice_the_best_radius(points: np.ndarray, wanted: int) -> None:
    """Gonzalez 1985: every centre chosen is at least as far from the earlier ones as any point is from all of them."""
    chosen = k_centre_greedy(points, points[:0], wanted)
    assert len(set(chosen.tolist())) == wanted
    distances = np.linalg.norm(points[:, None] - points[chosen][None], axis=2)
    radius = distances.min(axis=1).max()
    for number in range(1, wanted):
        assert distances[chosen[number], :number].min() >= radius - 1e-3


def test_the_most_typical_of_the_largest_kinds_without_a_label_come_first() -> None:
    generator = np.random.default_rng(0)
    centres = np.array([[0, 0], [9, 0], [0, 9]])
    sizes = (60, 40, 20)
    points = np.concatenate(
        [centre + generator.normal(scale=0.3, size=(size, 2)) for centre, size in zip(centres, sizes, strict=True)]
    ).astype(np.float32)
    kind = np.repeat([0, 1, 2], sizes)
    known = np.zeros(len(points), dtype=bool)
    known[3] = True
    first = typical_of_each(points, known, 30, seed=1)
    assert len(set(first.tolist())) == 30
    assert 3 not in first
    assert {int(kind[row]) for row in first[:12]} == {0, 1, 2}
    spread = np.linalg.norm(points[first] - centres[kind[first]], axis=1)
    assert spread[:10].mean() < 0.35, "typical ones are near the middle, where a draw by lot would be 0.38 away"


@given(
    points=arrays.arrays(np.float32, st.tuples(st.integers(1, 25), st.just(2)), elements=st.floats(-5, 5, width=32)),
    wanted=st.integers(1, 30),
    data=st.data(),
)
@hypothesis_settings(max_examples=25, deadline=None)
def test_each_typical_one_is_new_and_none_is_lost(points: np.ndarray, wanted: int, data: st.DataObject) -> None:
    known = data.draw(arrays.arrays(bool, len(points)))
    chosen = typical_of_each(points, known, wanted, seed=0)
    assert len(set(chosen.tolist())) == len(chosen) == min(wanted, int((~known).sum()))
    assert not known[chosen].any()


def test_sessions_of_the_same_happenings_are_one_kind(warehouse: Warehouse) -> None:
    """Thirty sessions of views and one of a search: with a view labelled, the search is the kind without a label."""
    fill(warehouse, 30)
    odd = [
        event(1000 + n, visitor="odd", minutes=n, session_id="odd", event_type="search", query="mug") for n in range(2)
    ]
    append_events(warehouse, table(*odd))
    label(warehouse, "s0", "mei")
    assert _rank(warehouse, QueueOptions("typical"), (), 1, []) == ["odd"]
