"""The objectives by name, and the mix that pretraining uses unless told otherwise."""

from core.errors import InvalidSettingError
from core.training.objectives.masked_fields import masked_fields
from core.training.objectives.mixes import coming_mix, recalled_mix
from core.training.objectives.next_event_type import next_event_type
from core.training.objectives.next_gap import next_gap
from core.training.objectives.next_item import next_item, next_item_popular
from core.training.objectives.session_contrast import session_contrast
from core.training.objectives.step import Objective

OBJECTIVES: dict[str, Objective] = {
    "next_event_type": next_event_type,
    "next_gap": next_gap,
    "next_item": next_item,
    "next_item_popular": next_item_popular,
    "masked_fields": masked_fields,
    "coming_mix": coming_mix,
    "recalled_mix": recalled_mix,
    "session_contrast": session_contrast,
}


def chosen_objectives(names: str) -> list[Objective]:
    """The objectives of a list with commas between.

    Raises:
        InvalidSettingError: an unknown name, or none at all.
    """
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in OBJECTIVES]
    if unknown or not wanted:
        raise InvalidSettingError(
            f"objectives is '{names}', expected names of {sorted(OBJECTIVES)} with commas between."
        )
    return [OBJECTIVES[name] for name in wanted]
