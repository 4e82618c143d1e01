"""What every method promises, on models small enough to know the answer."""

import numpy as np
import pytest
import torch

from core.explain.methods.method import Method
from core.explain.methods.registry import METHODS
from core.explain.prediction import Prediction
from tests.core.explain.toys import linear, noisy_or, prediction_of

EXPLANATIONS = [method for method in METHODS.values() if method.kind == "explanation"]
EVENTS, FIELDS, WIDTH = 5, 3, 2

each = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
each_explanation = pytest.mark.parametrize("method", EXPLANATIONS, ids=[method.name for method in EXPLANATIONS])


def _drawn(seed: int) -> torch.Tensor:
    return torch.randn(EVENTS, FIELDS, WIDTH, generator=torch.Generator().manual_seed(seed))


def _rows(method: Method, cells: torch.Tensor) -> np.ndarray:
    """What a method should say where each cell [T, F] is known: [T, F], or [T, 1] of whole events."""
    return (cells if method.unit == "cell" else cells.sum(dim=1, keepdim=True)).numpy()


def _change(prediction: Prediction) -> float:
    probability, baseline = prediction.ends
    return probability - baseline


def test_the_methods_are_those_that_were_checked() -> None:
    assert list(METHODS) == [
        "integrated_gradients",
        "gradient_times_input",
        "shapley_sampling",
        "occlusion_of_events",
        "occlusion_of_fields",
        "attention_rollout",
    ]
    assert [name for name, method in METHODS.items() if method.kind == "curiosity"] == ["attention_rollout"]


@each_explanation
def test_a_linear_model_is_attributed_exactly(method: Method) -> None:
    weights, values, baseline = (_drawn(seed) for seed in (1, 2, 3))
    found = method.attribute(prediction_of(linear(weights), values, baseline)).values
    np.testing.assert_allclose(found, _rows(method, (weights * (values - baseline)).sum(dim=-1)), atol=1e-5)


@each
def test_values_have_the_shape_of_the_methods_unit(method: Method) -> None:
    found = method.attribute(prediction_of(linear(_drawn(1)), _drawn(2), attends_to=0)).values
    assert found.shape == ((EVENTS, FIELDS) if method.unit == "cell" else (EVENTS, 1))
    assert found.dtype == np.float32


@each_explanation
def test_what_theory_promises_to_add_up_adds_up(method: Method) -> None:
    values = torch.rand(EVENTS, FIELDS, 1, generator=torch.Generator().manual_seed(4)) * 0.5
    prediction = prediction_of(noisy_or, values)
    total, change = float(method.attribute(prediction).values.sum()), _change(prediction)
    if method.is_complete:
        assert total == pytest.approx(change, rel=0.01)
    else:
        assert abs(total - change) > 0.05 * change  # else the promise would be worth making


@each_explanation
def test_what_the_model_ignores_gets_nothing(method: Method) -> None:
    weights = torch.ones(EVENTS, FIELDS, WIDTH)
    weights[:, 1] = 0
    weights[3] = 0

    def bent(inputs: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(linear(weights)(inputs, mask))

    found = method.attribute(prediction_of(bent, _drawn(5))).values
    assert np.abs(found[3]).max() < 1e-7
    if method.unit == "cell":
        assert np.abs(found[:, 1]).max() < 1e-7
    assert np.abs(np.delete(found, 3, axis=0)).max() > 0.01


@each_explanation
@pytest.mark.parametrize("events", [3, 6])
def test_equal_parts_of_a_symmetric_model_get_equal_shares(method: Method, events: int) -> None:
    found = method.attribute(prediction_of(noisy_or, torch.full((events, 2, 1), 0.2)))
    size = float(np.sqrt(np.mean(found.values**2)))
    np.testing.assert_allclose(found.values, found.values.mean(), atol=1e-6 + 3 * found.sampling_error * size)


@each_explanation
def test_a_planted_cause_stands_out(method: Method) -> None:
    def caused(inputs: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(4 * inputs[:, 2, 1, 0] - 2 + 0.1 * inputs.sum(dim=(1, 2, 3)))

    found = method.attribute(prediction_of(caused, torch.ones(EVENTS, FIELDS, 1) * 0.8)).values
    place = np.unravel_index(found.argmax(), found.shape)
    assert place == ((2, 1) if method.unit == "cell" else (2, 0))
    assert found[place] > 3 * np.sort(found, axis=None)[-2]


@each_explanation
def test_what_speaks_against_is_negative(method: Method) -> None:
    weights = torch.full((EVENTS, FIELDS, 1), 0.1)
    weights[1] = -0.5
    found = method.attribute(prediction_of(linear(weights), torch.ones(EVENTS, FIELDS, 1))).values
    assert (found[1] < 0).all()
    assert (np.delete(found, 1, axis=0) > 0).all()


@each
def test_the_same_question_gets_the_same_answer(method: Method) -> None:
    prediction = prediction_of(noisy_or, torch.rand(8, 2, 1, generator=torch.Generator().manual_seed(6)), attends_to=2)
    first, again = (method.attribute(prediction).values for _ in range(2))
    np.testing.assert_array_equal(first, again)


@each
def test_one_event_is_explained_too(method: Method) -> None:
    found = method.attribute(prediction_of(noisy_or, torch.full((1, 2, 1), 0.5), attends_to=0))
    assert np.isfinite(found.values).all()
    assert np.isfinite(found.sampling_error)


@each
def test_the_input_is_left_as_it_was(method: Method) -> None:
    prediction = prediction_of(noisy_or, torch.full((4, 2, 1), 0.3), attends_to=1)
    before = prediction.field_embeddings.clone()
    method.attribute(prediction)
    torch.testing.assert_close(prediction.field_embeddings, before)
    assert not prediction.field_embeddings.requires_grad
