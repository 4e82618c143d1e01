"""Integrated Gradients on the field embeddings, from the mean event to the events as they were.

Source: Sundararajan, Taly, Yan 2017 (arXiv 1703.01365), by Captum. The baseline is the mean event of the training
data: a zero vector is no event at all behind RMSNorm, and the attributions then do not add up.
"""

from typing import ClassVar

from captum.attr import IntegratedGradients as CaptumIntegratedGradients

from core.explain.methods.method import Attributions, Method
from core.explain.prediction import Prediction
from core.explain.verdict import TRUSTED_ERROR, relative_error

FIRST_STEPS = 20
MOST_STEPS = 160
ROWS_PER_BATCH = 8
"""Path steps run through the model together; measured fastest on two cores, and bounds the memory of long sessions."""


class IntegratedGradients(Method):
    """The gradient gathered along the way from the mean event to the events.

    When: always first. Its cells add up to the change of the probability, a field the model ignores gets nothing.
    Not: where the convergence error stays large (a kinked model), or where only whole events matter.

    Args:
        n_steps: points of the path at first; doubled while the convergence error is above 1 %.
        most_steps: beyond which they are not doubled.
    """

    name: ClassVar[str] = "integrated_gradients"
    is_complete: ClassVar[bool] = True

    def __init__(self, n_steps: int = FIRST_STEPS, most_steps: int = MOST_STEPS) -> None:
        self._n_steps, self._most_steps = n_steps, most_steps

    def attribute(self, prediction: Prediction) -> Attributions:
        method = CaptumIntegratedGradients(prediction.probability)
        probability, baseline = prediction.ends
        n_steps = self._n_steps
        while True:
            attributions = method.attribute(
                prediction.field_embeddings,
                baselines=prediction.baseline_input,
                additional_forward_args=(prediction.attention_mask,),
                n_steps=n_steps,
                internal_batch_size=ROWS_PER_BATCH,
            )
            cells = attributions.detach().sum(-1)[0]
            delta = float(cells.double().sum()) - (probability - baseline)
            if relative_error(delta, probability - baseline) <= TRUSTED_ERROR or n_steps * 2 > self._most_steps:
                return Attributions(cells.float().numpy(), n_steps)
            n_steps *= 2
