"""Weak labels teach at their weight, beside human labels, and are kept from whatever measures."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import InvalidSettingError
from core.training import finetune
from core.training.arguments import FinetuneArguments
from core.training.labels import read_labels
from core.training.semisupervised.teacher import _evidence
from core.training.snapshot import read_snapshot
from core.training.weak_labels import MOST_SESSIONS, beside, of_other_visitors, read_weak_labels
from tests.core.model.shop import make_shop
from tests.core.training.support import Context, Spec, session_annotations, write_snapshot

INTENTS = ("browse", "purchase")


def _events(sessions: int = 4) -> pd.DataFrame:
    """A visitor each, sessions of two events."""
    names = [f"{session}.{number}" for session in range(sessions) for number in range(2)]
    return pd.DataFrame(
        {
            "event_id": names,
            "visitor_id": [f"v{name.split('.')[0]}" for name in names],
            "session_id": [f"s{name.split('.')[0]}" for name in names],
            "occurred_at": pd.date_range("2026-05-01", periods=len(names), freq="h"),
        }
    )


def _weak(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["session_id", "intent", "probability"]).assign(label_source="weak")


def test_they_stand_at_the_last_event_with_known_intents_made_whole() -> None:
    weak = _weak(
        ("s1", "browse", 0.6), ("s1", "purchase", 0.2), ("s1", "deal", 0.2),
        ("s0", "deal", 0.8), ("s0", "browse", 0.2), ("gone", "browse", 1.0),
    )  # fmt: skip
    labels = read_weak_labels(weak, _events(), INTENTS, weight=0.3, seed=0)
    np.testing.assert_array_equal(labels.rows, [3])
    np.testing.assert_allclose(labels.targets, [[0.75, 0.25]])
    np.testing.assert_allclose(labels.weights, [0.3])
    assert not labels.decisive.any()


@pytest.mark.parametrize(("weight", "rows"), [(0.0, [("s1", "browse", 1.0)]), (0.5, [])])
def test_without_weight_or_rows_there_are_none(weight: float, rows: list[tuple[str, str, float]]) -> None:
    assert len(read_weak_labels(_weak(*rows), _events(), INTENTS, weight=weight, seed=0)) == 0


def test_of_very_many_a_seeded_part_is_used() -> None:
    count = MOST_SESSIONS + 50
    weak = _weak(*[(f"s{number}", "browse", 1.0) for number in range(count)])
    drawn = [read_weak_labels(weak, _events(count), INTENTS, weight=1.0, seed=seed).rows for seed in (1, 1, 2)]
    assert len(drawn[0]) == MOST_SESSIONS
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])


def _human(events: pd.DataFrame):  # type: ignore[no-untyped-def]
    said = [("s0", "browse"), ("s1", "purchase"), ("s2", "browse"), ("s3", "purchase")]
    rows = [
        {"target_kind": "session", "event_id": None, "session_id": name, "intent": intent, "annotator": "a"}
        for name, intent in said
    ]
    frame = pd.DataFrame(rows).assign(status="submitted")
    return read_labels(frame, events, INTENTS, earlier_event_weight=0.5)


def test_beside_human_labels_they_never_take_a_row() -> None:
    events = _events(6)
    weak = read_weak_labels(_weak(("s3", "browse", 1.0), ("s5", "browse", 1.0)), events, INTENTS, weight=0.2, seed=0)
    human = _human(events)
    both = beside(human, weak)
    assert both.weak is not None
    np.testing.assert_array_equal(both.rows[both.weak], [11])
    np.testing.assert_array_equal(both.take(~both.weak).targets, human.targets)
    assert both.decisive.sum() == human.decisive.sum()
    assert beside(human, weak.take(np.zeros(len(weak), dtype=bool))) is human


def test_those_of_held_out_visitors_are_left_out() -> None:
    events = _events(6)
    events.loc[events["session_id"] == "s5", "visitor_id"] = "v3"
    weak = read_weak_labels(_weak(("s4", "browse", 1.0), ("s5", "browse", 1.0)), events, INTENTS, weight=0.2, seed=0)
    human = _human(events)
    held_out = human.take(events["visitor_id"].to_numpy(dtype=object)[human.rows] == "v3")
    np.testing.assert_array_equal(of_other_visitors(weak, held_out, events).rows, [9])


def test_the_teacher_hears_them_at_their_weight() -> None:
    events = _events(6)
    weak = read_weak_labels(_weak(("s5", "browse", 1.0)), events, INTENTS, weight=0.2, seed=0)
    evidence = _evidence(beside(_human(events), weak), len(events)).numpy()
    by_people, by_rules = evidence[1], evidence[11]
    np.testing.assert_allclose(by_rules, by_people * 0.2, rtol=1e-5)
    assert not evidence[10].any()


def test_a_weight_beyond_that_of_people_is_refused() -> None:
    with pytest.raises(InvalidSettingError, match="weak_weight is '2"):
        FinetuneArguments(weak_weight=2)


def _run(folder: Path, weak: pd.DataFrame | None) -> tuple[dict[str, object], Context]:
    shop = make_shop(seed=4, visitors=40)
    snapshot = write_snapshot(folder / "snapshot", shop, session_annotations(shop, 40))
    if weak is not None:
        weak.to_parquet(snapshot / "weak_labels.parquet")
    context = Context(Spec(snapshot, folder / "model", {"size": "tiny", "recipe": "head"}))
    return finetune.run(context), context


def test_a_run_learns_from_them_and_measures_without_them(tmp_path: Path) -> None:
    shop = make_shop(seed=4, visitors=40)
    labelled = set(session_annotations(shop, 40)["session_id"])
    last = shop.events.assign(truth=shop.truth).groupby("session_id", sort=True).tail(1)
    free = last[~last["session_id"].isin(labelled)]
    weak = _weak(*[(row.session_id, row.truth, 0.9) for row in free.itertuples()])
    without, quiet = _run(tmp_path / "without", None)
    with_weak, told = _run(tmp_path / "with", weak)
    assert not any("rules" in message for message in quiet.messages)
    assert any("sessions that rules labeled teach" in message for message in told.messages)
    assert with_weak["labels"] == without["labels"]
    first, second = (pd.read_parquet(tmp_path / name / "model" / "evaluation.parquet") for name in ("without", "with"))
    assert list(first["event_id"]) == list(second["event_id"])
    assert list(first["answer"]) == list(second["answer"])
    assert not np.allclose(np.stack(first["model"]), np.stack(second["model"]))
    assert len(read_snapshot(tmp_path / "with" / "snapshot").weak_labels) == len(weak)
    assert read_snapshot(tmp_path / "without" / "snapshot").weak_labels.empty
