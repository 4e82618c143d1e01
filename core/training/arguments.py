"""What a run can be told: typed arguments with defaults, read from a job's spec."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeVar

from core.errors import InvalidSettingError
from core.model.config import SIZES

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Arguments = TypeVar("Arguments", bound="DataclassInstance")
RECIPES: tuple[str, ...] = ("full", "head")
"""full trains all weights, head only the intent head (for very few labels, or in seconds)."""


@dataclass(frozen=True)
class PretrainArguments:
    """Self-supervision on all events; the defaults fit a shop of 80 k events on two cores in a minute."""

    size: str = "small"
    epochs: int = 10
    learning_rate: float = 4e-3
    weight_decay: float = 0.05
    batch_events: int = 1024
    field_masking: float = 0.12
    text_epochs: int = 6
    picture_epochs: int = 10
    objectives: str = "next_event_type,next_gap,next_item,masked_fields,coming_mix,recalled_mix"

    def __post_init__(self) -> None:
        _expect(self.size in SIZES, "size", self.size, f"one of {sorted(SIZES)}")
        _expect(1 <= self.epochs <= 1000, "epochs", self.epochs, "1 to 1000")
        _expect(0 < self.learning_rate < 1, "learning_rate", self.learning_rate, "a number between 0 and 1")
        _expect(16 <= self.batch_events <= 1_000_000, "batch_events", self.batch_events, "16 to 1000000")
        _expect(0 <= self.field_masking < 1, "field_masking", self.field_masking, "0 up to 1")


@dataclass(frozen=True)
class FinetuneArguments:
    """Supervision by annotations."""

    recipe: str = "full"
    size: str = "small"
    epochs: int = 20
    patience: int = 4
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    batch_events: int = 1024
    field_masking: float = 0.05
    label_smoothing: float = 0.05
    earlier_event_weight: float = 0.5
    validation_share: float = 0.2

    def __post_init__(self) -> None:
        _expect(self.recipe in RECIPES, "recipe", self.recipe, f"one of {list(RECIPES)}")
        _expect(self.size in SIZES, "size", self.size, f"one of {sorted(SIZES)}")
        _expect(1 <= self.epochs <= 1000, "epochs", self.epochs, "1 to 1000")
        _expect(0 < self.learning_rate < 1, "learning_rate", self.learning_rate, "a number between 0 and 1")
        _expect(0 <= self.label_smoothing < 1, "label_smoothing", self.label_smoothing, "0 up to 1")
        _expect(0 < self.validation_share < 1, "validation_share", self.validation_share, "a share between 0 and 1")
        _expect(16 <= self.batch_events <= 1_000_000, "batch_events", self.batch_events, "16 to 1000000")


def read_arguments(kind: type[Arguments], given: Mapping[str, Any]) -> Arguments:
    """Arguments of a kind from a job's spec, numbers converted.

    Raises:
        InvalidSettingError: an unknown name, or a value of the wrong type or range.
    """
    known: dict[str, Any] = {field.name: field.default for field in fields(kind)}
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise InvalidSettingError(f"'{unknown[0]}' is no argument of training, expected one of {sorted(known)}.")
    values: dict[str, Any] = {}
    for name, value in given.items():
        wanted = type(known[name])
        try:
            values[name] = wanted(value)
        except (TypeError, ValueError) as error:
            raise InvalidSettingError(f"{name} is '{value}', expected {wanted.__name__}.") from error
    return kind(**values)


def _expect(condition: bool, name: str, value: object, expected: str) -> None:
    if not condition:
        raise InvalidSettingError(f"{name} is '{value}', expected {expected}.")
