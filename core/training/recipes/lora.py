"""Low-rank changes of the backbone's matrices (Hu et al. 2022), merged into them at the end.

When to use it: large models and few labels, when full fine-tuning forgets. When not: small models train whole as fast.
"""

from torch import nn

from core.training.recipes.adapters import ADAPTED, merge, wrap
from core.training.recipes.recipe import LEAST_RANK, Recipe


class Lora(Recipe):
    """Train a product of two thin matrices beside each matrix, and the head."""

    learning_rate_factor = 3.0

    def begin(self, steps: int) -> nn.ModuleList:
        from peft import LoraConfig

        wrap(self.model, LoraConfig(r=LEAST_RANK, lora_alpha=2 * LEAST_RANK, target_modules=ADAPTED))
        return nn.ModuleList([self.head, self.model.backbone])

    def finish(self) -> None:
        merge(self.model)
        super().finish()
