"""A visitor's later events belong to the earlier ones rather than to others' (crops of one stream as a pair).

After Xie et al. 2022 (CL4SRec) and Chen et al. 2020 (SimCLR): the two crops do not overlap, and each is read without
the other.
"""

import torch
import torch.nn.functional as F

from core.training.loop import Losses
from core.training.objectives.step import PretrainingStep

_TEMPERATURE = 0.2
CONTRAST_WEIGHT = 0.1
_LEAST_EVENTS = 2


def session_contrast(step: PretrainingStep) -> Losses:
    """Cross entropy of finding each window's end among all ends by its beginning, cut at one random place."""
    length = step.batch.attention_mask.sum(dim=1)
    shortest = int(length.max()) // 2
    cut = int(torch.randint(1, max(2, shortest + 1), (1,), generator=step.generator))
    kept = (length >= cut + _LEAST_EVENTS).nonzero()[:, 0]
    if len(kept) < 2:
        return {"session_contrast": step.states.sum() * 0.0}
    beginning = step.states[kept, cut - 1]  # [W, d]; a causal model has not read what comes after
    later = step.model(field_embeddings=step.fields[kept, cut:]).last_hidden_state
    end = later[torch.arange(len(kept)), length[kept] - cut - 1]  # [W, d]
    similarity = F.normalize(beginning, dim=-1) @ F.normalize(end, dim=-1).T / _TEMPERATURE
    return {"session_contrast": CONTRAST_WEIGHT * F.cross_entropy(similarity, torch.arange(len(kept)))}
