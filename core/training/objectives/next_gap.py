"""The time to the next event, in levels: hesitation differs from haste."""

from core.model.fields import NUMBER_INDEX
from core.model.heads import BEHAVIOR_BINS
from core.training.loop import Losses
from core.training.objectives.step import PretrainingStep, loss_of_levels


def next_gap(step: PretrainingStep) -> Losses:
    """Cross entropy of the level of the next gap."""
    heads, state = step.model.next_event, step.before
    numbers = step.batch.numbers[:, 1:][step.follows]
    return {
        f"next_{name}": loss_of_levels(heads.columns[name](state), numbers[:, NUMBER_INDEX[name]])
        for name in BEHAVIOR_BINS
    }
