"""What a run can be told: typed arguments with defaults, read from a job's spec."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeVar

from core.errors import InvalidSettingError
from core.model.config import SIZES

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Arguments = TypeVar("Arguments", bound="DataclassInstance")
RECIPES: tuple[str, ...] = ("auto", "full", "head", "lora", "adalora", "prefix")
"""auto chooses by the number of labels (choice.py); the others are the files of recipes/."""

TUNINGS: tuple[str, ...] = ("frozen", "lora", "full")
"""What may happen to a text or picture encoder in fine-tuning (encoder_tuning.py)."""


@dataclass(frozen=True)
class PretrainArguments:
    """Self-supervision on all events; the defaults fit a shop of 80 k events on two cores in a minute.

    batch_events: at most; a small log takes smaller batches, and smaller steps in proportion to their root.
    text_encoder, image_encoder: `own`, or a Hugging Face encoder by folder or name (`minilm`: the package's).
    leave_out: fields or columns that the model must not read, with commas between; see core/model/left_out.py.
    """

    size: str = "small"
    epochs: int = 5
    learning_rate: float = 6e-3
    weight_decay: float = 0.05
    batch_events: int = 2048
    field_masking: float = 0.12
    text_epochs: int = 6
    picture_epochs: int = 10
    objectives: str = "next_event_type,next_gap,next_item,masked_fields,coming_mix,recalled_mix"
    text_encoder: str = "own"
    image_encoder: str = "own"
    leave_out: str = ""

    def __post_init__(self) -> None:
        expect(self.size in SIZES, "size", self.size, f"one of {sorted(SIZES)}")
        expect(1 <= self.epochs <= 1000, "epochs", self.epochs, "1 to 1000")
        expect(0 < self.learning_rate < 1, "learning_rate", self.learning_rate, "a number between 0 and 1")
        expect(16 <= self.batch_events <= 1_000_000, "batch_events", self.batch_events, "16 to 1000000")
        expect(0 <= self.field_masking < 1, "field_masking", self.field_masking, "0 up to 1")


@dataclass(frozen=True)
class FinetuneArguments:
    """Supervision by annotations.

    weak_weight: of a session that only rules labeled, beside 1 for one that people labeled; 0 leaves weak labels out.
    wanted_accuracy: of the answers given; below the confidence that reaches it on held-out labels the model abstains.
    """

    recipe: str = "auto"
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
    teacher: bool = False
    pseudo_labels: float = 0.0
    class_weights: bool = True
    layer_decay: float = 1.0
    augmentation: float = 0.0
    adversarial: float = 0.0
    mixup: float = 0.0
    consistency: float = 0.0
    pull: float = 0.0
    averaging: float = 0.0
    seeds: int = 1
    wanted_accuracy: float = 0.0
    text_tuning: str = "frozen"
    image_tuning: str = "frozen"
    weak_weight: float = 0.3

    def __post_init__(self) -> None:
        expect(self.recipe in RECIPES, "recipe", self.recipe, f"one of {list(RECIPES)}")
        expect(self.size in SIZES, "size", self.size, f"one of {sorted(SIZES)}")
        expect(1 <= self.epochs <= 1000, "epochs", self.epochs, "1 to 1000")
        expect(0 < self.learning_rate < 1, "learning_rate", self.learning_rate, "a number between 0 and 1")
        expect(0 <= self.label_smoothing < 1, "label_smoothing", self.label_smoothing, "0 up to 1")
        expect(0 <= self.wanted_accuracy < 1, "wanted_accuracy", self.wanted_accuracy, "0 up to 1")
        expect(0 <= self.weak_weight <= 1, "weak_weight", self.weak_weight, "0 to 1")
        expect(0 < self.validation_share < 1, "validation_share", self.validation_share, "a share between 0 and 1")
        expect(16 <= self.batch_events <= 1_000_000, "batch_events", self.batch_events, "16 to 1000000")
        expect(1 <= self.patience <= 1000, "patience", self.patience, "1 to 1000")
        expect(1 <= self.seeds <= 10, "seeds", self.seeds, "1 to 10")
        expect(0 < self.layer_decay <= 1, "layer_decay", self.layer_decay, "above 0 up to 1")
        for name in ("pseudo_labels", "augmentation", "averaging"):
            value = getattr(self, name)
            expect(0 <= value < 1, name, value, "0 up to 1")
        for name in ("adversarial", "mixup", "consistency", "pull"):
            value = getattr(self, name)
            expect(0 <= value <= 10, name, value, "0 to 10")
        for name in ("text_tuning", "image_tuning"):
            expect(getattr(self, name) in TUNINGS, name, getattr(self, name), f"one of {list(TUNINGS)}")
        expect(not (self.tunes and self.seeds > 1), "seeds", self.seeds, "1 where an encoder is tuned")
        expect(not (self.teacher and self.pseudo_labels), "pseudo_labels", self.pseudo_labels, "0 beside a teacher")

    @property
    def tunes(self) -> bool:
        """Whether an encoder learns too."""
        return self.text_tuning != "frozen" or self.image_tuning != "frozen"


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
            values[name] = _truth(value) if wanted is bool else wanted(value)
        except (TypeError, ValueError) as error:
            raise InvalidSettingError(f"{name} is '{value}', expected {wanted.__name__}.") from error
    return kind(**values)


def _truth(value: object) -> bool:
    """A switch as JSON or a command line gives it; "false" is not true."""
    words = {"true": True, "false": False, "1": True, "0": False}
    if isinstance(value, bool):
        return value
    if str(value).lower() not in words:
        raise ValueError
    return words[str(value).lower()]


def expect(condition: bool, name: str, value: object, expected: str) -> None:
    """Refuse an argument's value.

    Raises:
        InvalidSettingError: the condition does not hold.
    """
    if not condition:
        raise InvalidSettingError(f"{name} is '{value}', expected {expected}.")
