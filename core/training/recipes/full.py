"""All weights move, but those of the text and picture encoders.

When to use it: with a teacher, or with some hundreds of labels. When not: a few dozen labels without a teacher.
"""

from torch import nn

from core.training.recipes.recipe import Recipe


class Full(Recipe):
    """Train everything that reads and remembers events."""

    def begin(self, steps: int) -> nn.ModuleList:
        model = self.model
        return nn.ModuleList([self.head, model.event_encoder, model.backbone, model.next_event])
