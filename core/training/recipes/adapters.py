"""The backbone wrapped by peft while it trains, and merged into plain weights after."""

import warnings
from typing import Any

from core.model.session_model import SessionModel

ADAPTED: list[str] = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
"""All matrices of a layer: adapting the attention alone learns less (Dettmers et al. 2023)."""


def wrap(model: SessionModel, settings: Any) -> None:
    """Put peft's adapters into the backbone; its own weights no longer want gradients."""
    from peft import get_peft_model  # takes seconds to import, and only these recipes need it

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)  # peft asks by the old name
        model.backbone = get_peft_model(model.backbone, settings)


def merge(model: SessionModel) -> None:
    """Add what the adapters learned to the backbone's weights, and take them out."""
    model.backbone = model.backbone.merge_and_unload()
