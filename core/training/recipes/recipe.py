"""The skeleton of a recipe: which weights of a model move in fine-tuning, and how it is an ordinary model after."""

from abc import ABC, abstractmethod

from torch import nn

from core.model.heads import IntentHead
from core.model.session_model import SessionModel
from core.training.loop import Losses
from core.training.optimizer import Optimizer
from core.training.recipes.rates import LayerwiseOptimizer

LEAST_RANK = 8
"""Rank of the low-rank changes; the backbone's matrices are 64 to 704 wide."""


class Recipe(ABC):
    """One way to fine-tune; made for one model and used once: `begin`, steps, `finish`."""

    trains: bool = True
    """False: the read-out fitted in closed form is all, and no step follows."""

    moves_states: bool = False
    """True: `begin` alone changes what the model says, so the read-out is fitted anew."""

    learning_rate_factor: float = 1.0
    """Of the run's learning rate: few fresh weights bear, and need, larger steps than many pretrained ones."""

    def __init__(self, model: SessionModel, layer_decay: float) -> None:
        self.model = model
        self._layer_decay = layer_decay

    @property
    def head(self) -> IntentHead:
        """The model's intent head, which every recipe trains."""
        if self.model.intent_head is None:
            raise ValueError("the model has no intent head, expected one made by with_intents.")
        return self.model.intent_head

    @abstractmethod
    def begin(self, steps: int) -> nn.ModuleList:
        """Make the model ready for at most `steps` steps; the parts whose weights (that want gradients) move."""

    def optimizer(self, trained: nn.ModuleList, learning_rate: float, weight_decay: float) -> Optimizer:
        """The optimiser of the trained parts."""
        rate = learning_rate * self.learning_rate_factor
        return LayerwiseOptimizer(trained, self.model, rate, weight_decay, self._layer_decay)

    def losses(self) -> Losses:
        """What the recipe itself asks of its weights, beside the labels."""
        return {}

    def stepped(self, step: int) -> None:  # noqa: B027 - most need nothing
        """Called after each step of the optimiser, counted from 0; gradients are still there."""

    def finish(self) -> None:
        """Leave a plain SessionModel whose every weight can be trained again."""
        self.model.requires_grad_(True)
