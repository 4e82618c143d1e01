"""Which optimiser moves which weight, and that a stored state goes on exactly."""

import torch
from torch import nn

from core.model.config import SessionModelConfig, config_of_size
from core.model.session_model import SessionModel
from core.training.optimizer import Optimizer, hidden_matrices, parameter_groups

CONFIG: SessionModelConfig = config_of_size("tiny")


def test_only_matrices_decay() -> None:
    decayed, kept = parameter_groups(list(nn.Linear(3, 2).parameters()), 0.5)
    assert (decayed["weight_decay"], kept["weight_decay"]) == (0.5, 0.0)
    assert [tuple(parameter.shape) for parameter in decayed["params"]] == [(2, 3)]
    assert [tuple(parameter.shape) for parameter in kept["params"]] == [(2,)]


def test_hidden_matrices_are_those_of_the_backbone_s_layers() -> None:
    model = SessionModel(CONFIG)
    assert len(hidden_matrices(model)) == 7 * CONFIG.num_hidden_layers  # q, k, v, o, gate, up, down
    model.backbone.requires_grad_(False)
    assert hidden_matrices(model) == []


def test_every_weight_moves_and_a_stored_state_goes_on_exactly() -> None:
    torch.manual_seed(0)
    straight, resumed = SessionModel(CONFIG).backbone.layers[0], SessionModel(CONFIG).backbone.layers[0]
    start = {name: value.clone() for name, value in straight.state_dict().items()}
    _steps(straight, _optimizer(straight), 4)
    assert all(not torch.equal(value, start[name]) for name, value in straight.state_dict().items())

    resumed.load_state_dict(start)
    first = _optimizer(resumed)
    _steps(resumed, first, 2)
    second = _optimizer(resumed)
    second.load_state_dict(first.state_dict())
    _steps(resumed, second, 2)
    for name, value in resumed.state_dict().items():
        torch.testing.assert_close(value, straight.state_dict()[name], rtol=0, atol=0)


def _optimizer(module: nn.Module) -> Optimizer:
    return Optimizer(module, 1e-2, 0.1)


def _steps(module: nn.Module, optimizer: Optimizer, number: int) -> None:
    parameters = list(module.parameters())
    for _ in range(number):
        optimizer.step(torch.stack([parameter.square().sum() for parameter in parameters]).sum(), parameters, 1.0)
