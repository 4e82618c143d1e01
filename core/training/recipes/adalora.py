"""Low-rank changes whose ranks are shared out by importance while training (Zhang et al. 2023).

When to use it: as LoRA, with some hundreds of labels and many steps. When not: few steps, it shares out too late.
"""

import torch
from torch import nn

from core.training.loop import Losses
from core.training.recipes.adapters import ADAPTED, merge, wrap
from core.training.recipes.recipe import LEAST_RANK, Recipe

_ORTHOGONALITY = 0.1


class Adalora(Recipe):
    """Train a singular value decomposition beside each matrix, dropping the least important values."""

    learning_rate_factor = 3.0

    def begin(self, steps: int) -> nn.ModuleList:
        from peft import AdaLoraConfig

        settings = AdaLoraConfig(
            init_r=LEAST_RANK,
            target_r=LEAST_RANK // 2,
            lora_alpha=2 * LEAST_RANK,
            target_modules=ADAPTED,
            tinit=steps // 10,
            tfinal=steps // 3,
            deltaT=max(1, steps // 50),
            total_step=max(3, steps),
        )
        wrap(self.model, settings)
        return nn.ModuleList([self.head, self.model.backbone])

    def losses(self) -> Losses:
        """The factors stay orthogonal, as singular vectors are; peft adds this only to models that return a loss."""
        factors = [
            part for name, part in self.model.backbone.named_parameters() if "lora_A" in name or "lora_B" in name
        ]
        grams = [factor @ factor.T if len(factor) < factor.shape[1] else factor.T @ factor for factor in factors]
        apart = torch.stack([(gram - torch.eye(len(gram))).square().sum().sqrt() for gram in grams]).mean()
        return {"orthogonality": _ORTHOGONALITY * apart}

    def stepped(self, step: int) -> None:
        self.model.backbone.base_model.update_and_allocate(step)

    def finish(self) -> None:
        merge(self.model)
        super().finish()
