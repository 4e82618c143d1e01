"""Gradient × input: the slope at the events as they were, times how far each cell is from the mean event.

Source: Shrikumar, Greenside, Kundaje 2016 (arXiv 1605.01713); with a baseline as in Ancona et al. 2018 (arXiv
1711.06104).
"""

from typing import ClassVar

import torch

from core.explain.methods.method import Attributions, Method
from core.explain.prediction import Prediction


class GradientTimesInput(Method):
    """What a straight line through the prediction would say.

    When: one backward pass, for very long sessions or thousands of them.
    Not: where the model is sure; its slope is flat there, and the cells then say too little. They need not add up.
    """

    name: ClassVar[str] = "gradient_times_input"

    def attribute(self, prediction: Prediction) -> Attributions:
        inputs = prediction.field_embeddings.detach().clone().requires_grad_(True)
        with torch.enable_grad():
            probability = prediction.probability(inputs, prediction.attention_mask).sum()
            (gradient,) = torch.autograd.grad(probability, inputs)
        cells = (gradient * (prediction.field_embeddings - prediction.baseline_input)).sum(-1)[0]
        return Attributions(cells.detach().float().numpy(), 1)
