"""The next event's type and how it repeats what was seen: what the visitor does says most of why."""

from core.model.fields import CODE_INDEX
from core.model.heads import BEHAVIOR_CODES
from core.training.loop import Losses
from core.training.objectives.step import PretrainingStep, loss_of_codes


def next_event_type(step: PretrainingStep) -> Losses:
    """Cross entropies of the next event's behaviour columns."""
    heads, state = step.model.next_event, step.before
    codes = step.batch.codes[:, 1:][step.follows]
    return {
        f"next_{name}": loss_of_codes(heads.columns[name](state), codes[:, CODE_INDEX[name]]) for name in BEHAVIOR_CODES
    }
