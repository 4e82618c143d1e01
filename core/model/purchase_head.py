"""Will this session buy: one calibrated number read off the session model's state at every event."""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from core.errors import BrokenCheckpointError

HEAD_FILE = "purchase_head.safetensors"


class PurchaseHead(nn.Module):
    """States [..., d] -> logits [...]; `calibrated` straightens them by two numbers fitted after training."""

    def __init__(self, width: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.scale: torch.Tensor
        self.shift: torch.Tensor
        self.read = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, width), nn.GELU(), nn.Dropout(dropout), nn.Linear(width, 1)
        )
        self.register_buffer("scale", torch.ones(()))
        self.register_buffer("shift", torch.zeros(()))

    @property
    def width(self) -> int:
        """The size of the states it reads."""
        return int(self.get_parameter("read.0.weight").shape[0])

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.read(states).squeeze(-1)
        return logits

    def calibrated(self, logits: torch.Tensor) -> torch.Tensor:
        """Probabilities [...] of logits [...] (Platt 1999)."""
        return torch.sigmoid(self.scale * logits + self.shift)


def save_head(head: PurchaseHead, folder: Path) -> None:
    """Write the head beside a model folder's other files."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: value.contiguous() for name, value in head.state_dict().items()}, folder / HEAD_FILE)


def load_head(folder: Path) -> PurchaseHead:
    """Read a model folder's purchase head.

    Raises:
        BrokenCheckpointError: there is none, or it is damaged.
    """
    path = folder / HEAD_FILE
    if not path.is_file():
        raise BrokenCheckpointError(f"'{folder}' has no {HEAD_FILE}, expected a purchase model; train one first.")
    try:
        weights = load_file(path)
        head = PurchaseHead(int(weights["read.0.weight"].shape[0]))
        head.load_state_dict(weights)
    except (OSError, KeyError, RuntimeError, SafetensorError) as error:
        raise BrokenCheckpointError(f"{path} cannot be read ({error}); train the purchase model again.") from error
    return head.eval()
