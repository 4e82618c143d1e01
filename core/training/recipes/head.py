"""Only the read-out is fitted, in closed form; the model stays as pretrained.

When to use it: a first look after a dozen labels, or an answer in seconds. When not: whenever there is a minute.
"""

from torch import nn

from core.training.recipes.recipe import Recipe


class Head(Recipe):
    """Penalised logistic regression on the forecasts (linear_probe.py), and no step after it."""

    trains = False

    def begin(self, steps: int) -> nn.ModuleList:
        return nn.ModuleList([self.head])
