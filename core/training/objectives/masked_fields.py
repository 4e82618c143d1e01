"""The types of events whose type was hidden (Devlin et al. 2019): the present event from its context."""

from core.model.fields import CODE_INDEX, FIELDS
from core.training.loop import Losses
from core.training.objectives.step import PretrainingStep, loss_of_codes


def masked_fields(step: PretrainingStep) -> Losses:
    """Cross entropy of the hidden event types."""
    masked = step.hidden[..., FIELDS.index("event_type")]
    codes = step.batch.codes[masked][:, CODE_INDEX["event_type"]]
    return {"masked_type": loss_of_codes(step.model.next_event.masked_type(step.states[masked]), codes)}
