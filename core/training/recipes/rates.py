"""Layer-wise learning rates: what lies nearer to the fields is more general, and moves less.

After Howard and Ruder (2018) and Clark et al. (2020): each layer learns at a fixed share of the rate of the one above.
"""

from collections import defaultdict
from collections.abc import Iterator

import torch
from torch import nn

from core.model.session_model import SessionModel
from core.training.muon import Muon
from core.training.optimizer import MATRIX_RATE, Optimizer, hidden_matrices, parameter_groups


class LayerwiseOptimizer(Optimizer):
    """Muon and AdamW with one rate a depth; adapters' small matrices go to AdamW, since theirs are not hidden states'.

    Args:
        trained: the parts to train.
        model: the model they are parts of; it tells the depths.
        decay: the factor from each layer to the one below it; 1 = the same rate everywhere.
    """

    def __init__(
        self, trained: nn.Module, model: SessionModel, learning_rate: float, weight_decay: float, decay: float
    ) -> None:
        depth = depths(model)
        adapters = {id(parameter) for name, parameter in trained.named_parameters() if "lora_" in name}
        matrices = {id(matrix) for matrix in hidden_matrices(trained)} - adapters
        plain: dict[float, list[nn.Parameter]] = defaultdict(list)  # by rate: Muon steps the faster the more it has
        hidden: dict[float, list[nn.Parameter]] = defaultdict(list)
        for parameter in trained.parameters():
            if parameter.requires_grad:
                rate = learning_rate * decay ** depth.get(id(parameter), 0)
                (hidden if id(parameter) in matrices else plain)[rate].append(parameter)
        self._rates: list[tuple[torch.optim.Optimizer, float]] = []
        for rate, parameters in plain.items():
            self._rates.append(
                (torch.optim.AdamW(parameter_groups(parameters, weight_decay), lr=rate, fused=True), rate)
            )
        for rate, parameters in hidden.items():
            self._rates.append((Muon(parameters, lr=MATRIX_RATE * rate, weight_decay=weight_decay), MATRIX_RATE * rate))


def depths(model: SessionModel) -> dict[int, int]:
    """Layers between a parameter (by id) and the heads; 0 for the heads themselves and for what is not listed."""
    return {id(parameter): below for below, module in _below(model) for parameter in module.parameters()}


def _below(model: SessionModel) -> Iterator[tuple[int, nn.Module]]:
    layers = list(model.backbone.layers)
    for index, layer in enumerate(layers):
        yield len(layers) - index, layer
    yield len(layers) + 1, model.event_encoder
