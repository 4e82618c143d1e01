"""What a heatmap says of itself."""

import json
from dataclasses import replace

import numpy as np
import pytest

from core.explain.heatmap import Faithfulness, Heatmap

GOOD = Heatmap(
    event_ids=("e1", "e2"),
    fields=("event_type", "text", "price"),
    values=np.array([[0.1, 0.0, -0.2], [0.3, 0.1, 0.0]], dtype=np.float32),
    intent="purchase",
    probability=0.7,
    baseline_probability=0.4,
    convergence_delta=0.001,
    relative_error=0.003,
    n_steps=20,
    model_id="m1",
    faithfulness=Faithfulness(comprehensiveness=0.2, sufficiency=0.1, agreement=0.6),
)


def test_totals_run_over_fields_and_over_events() -> None:
    assert GOOD.event_totals.tolist() == pytest.approx([-0.1, 0.4])
    assert GOOD.field_totals.tolist() == pytest.approx([0.4, 0.1, -0.2])


@pytest.mark.parametrize(
    ("error", "agreement", "word"),
    [
        (0.003, 0.6, "trust"),
        (0.03, 0.6, "careful"),
        (0.003, 0.1, "careful"),
        (0.2, 0.9, "unreliable"),
        (0.003, -0.2, "unreliable"),
        (0.003, float("nan"), "trust"),
    ],
)
def test_reliability_follows_convergence_then_faithfulness(error: float, agreement: float, word: str) -> None:
    assert GOOD.faithfulness is not None
    heatmap = replace(GOOD, relative_error=error, faithfulness=replace(GOOD.faithfulness, agreement=agreement))
    assert heatmap.reliability == word


@pytest.mark.parametrize(
    ("changes", "word", "reason"),
    [
        ({"infidelity": 1.2}, "unreliable", "predictions"),
        ({"infidelity": 0.7}, "careful", "predictions"),
        ({"infidelity": 0.2, "agreement": -0.1}, "careful", "order"),
        ({"infidelity": 0.7, "agreement": -0.1}, "unreliable", "order"),
        ({"chance": 0.3}, "careful", "chance"),
        ({"chance": 0.1}, "trust", ""),
        ({"sensitivity": 0.8}, "careful", "unsteady"),
        ({"sensitivity": 0.1}, "trust", ""),
        ({"agreement": float("nan")}, "trust", "short"),
    ],
)
def test_the_verdict_names_the_measure_that_decided(changes: dict[str, float], word: str, reason: str) -> None:
    assert GOOD.faithfulness is not None
    verdict = replace(GOOD, faithfulness=replace(GOOD.faithfulness, **changes)).verdict
    assert (verdict.reliability, verdict.reason) == (word, reason)


def test_a_method_that_promises_no_sum_is_not_blamed_for_missing_it() -> None:
    assert replace(GOOD, relative_error=0.9, is_complete=False).reliability == "trust"


def test_too_few_draws_call_for_care_and_a_curiosity_is_never_trusted() -> None:
    assert replace(GOOD, sampling_error=0.5).verdict.reason == "sampling"
    assert replace(GOOD, kind="curiosity").reliability == "curiosity"


def test_json_holds_no_nan() -> None:
    assert GOOD.faithfulness is not None
    undefined = replace(GOOD, faithfulness=replace(GOOD.faithfulness, agreement=float("nan")))
    text = json.dumps(undefined.to_dict(), allow_nan=False)
    assert json.loads(text)["faithfulness"]["agreement"] is None
    assert json.loads(text)["values"][1] == pytest.approx([0.3, 0.1, 0.0])


def test_the_frame_has_a_row_an_event_and_a_total() -> None:
    frame = GOOD.to_frame()
    assert list(frame.columns) == ["event_id", "event_type", "text", "price", "total"]
    assert frame["total"].tolist() == pytest.approx([-0.1, 0.4])
