"""The delivered weights are a running mean over the last steps (Polyak and Juditsky 1992; Izmailov et al. 2018).

When to use it: noisy training, many steps. When not: a handful of steps, the mean then still holds the beginning.
"""

from core.model.session_model import SessionModel
from core.training.prepared import PreparedEvents
from core.training.regularizers.regularizer import Regularizer


class Averaging(Regularizer):
    """Strength: how much of the mean each step keeps; grows from 0 so that the first steps are soon forgotten."""

    def begin(self, model: SessionModel, prepared: PreparedEvents) -> None:
        self._mean = {name: value.clone() for name, value in model.state_dict().items()}
        self._steps = 0

    def stepped(self, model: SessionModel) -> None:
        self._steps += 1
        kept = min(self.strength, self._steps / (self._steps + 10))
        for name, value in model.state_dict().items():
            if value.is_floating_point():
                self._mean[name].lerp_(value, 1 - kept)

    def finish(self, model: SessionModel) -> None:
        model.load_state_dict(self._mean)
