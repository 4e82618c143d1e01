"""What every method is: a name, what it speaks of, what theory promises of it, and one function."""

from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.explain.prediction import Prediction

Unit = Literal["cell", "event"]
Kind = Literal["explanation", "curiosity"]


@dataclass(frozen=True)
class Attributions:
    """What a method says of one prediction.

    values: [T, F] float32 where its unit is a cell, [T, 1] where it is a whole event.
    steps: points of a path or probabilities asked for; what it cost.
    block: most events that were taken together since the session is too long to take each alone; 1 = each alone.
    sampling_error: of a method that draws: root mean square standard error ÷ root mean square value; else 0.
    """

    values: npt.NDArray[np.float32]
    steps: int
    block: int = 1
    sampling_error: float = 0.0


class Method(Protocol):
    """One way to attribute a prediction to its events and their fields.

    unit: what it speaks of.
    kind: a `curiosity` is shown for interest, and never vouched for.
    is_complete: by theory its values sum to probability − baseline_probability.
    needs_attentions: it reads the model's attention, and asks for a Prediction that has some.
    """

    name: ClassVar[str]
    unit: ClassVar[Unit] = "cell"
    kind: ClassVar[Kind] = "explanation"
    is_complete: ClassVar[bool] = False
    needs_attentions: ClassVar[bool] = False

    def attribute(self, prediction: Prediction) -> Attributions:
        """Attribute one prediction of T events of F fields."""
        ...


def blocks_of(event_count: int, most: int) -> Tensor:
    """Events to take together, [G, T] bool with G ≤ `most`: each alone where they are few enough.

    Of a long session the later half of the blocks are single events, since the prediction is made at the end, and the
    earlier half share what came before as evenly as they can.
    """
    if event_count <= most:
        return torch.eye(event_count, dtype=torch.bool)
    single = most // 2
    early = torch.arange(event_count - single) * (most - single) // (event_count - single)
    owner = torch.cat([early, torch.arange(most - single, most)])
    return owner[None, :] == torch.arange(most)[:, None]


def shared_out(values: Tensor, blocks: Tensor) -> npt.NDArray[np.float32]:
    """Values of blocks [G, ...] shared evenly by their events: [T, ...] float32."""
    shares = blocks.float() / blocks.sum(dim=1, keepdim=True)
    shared: npt.NDArray[np.float32] = torch.tensordot(shares.T, values.float(), dims=1).numpy()
    return shared
