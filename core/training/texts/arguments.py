"""What a text run can be told."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from core.errors import InvalidSettingError
from core.training.arguments import expect

TUNINGS: tuple[str, ...] = ("frozen", "contrastive")
"""frozen reads the encoder's vectors as they are; contrastive first pulls texts of one intent together in it."""

SELF_TRAINING: tuple[str, ...] = ("auto", "on", "off")
"""auto learns from unlabelled texts only where cross-validation on the labels says that it helps."""


@dataclass(frozen=True)
class TextArguments:
    """A text model from labelled and unlabelled texts.

    text_encoder: `own` (taught by the texts themselves), `none` (n-grams only), `minilm`, or a Hugging Face encoder.
    words: for each intent words that speak for it, if there are any that nearly always do.
    wanted_accuracy: of the answers that are given; below the confidence that reaches it the model abstains. 0: never.
    """

    text_encoder: str = "own"
    tuning: str = "frozen"
    tuning_epochs: int = 8
    text_epochs: int = 6
    self_training: str = "auto"
    words: Mapping[str, list[str]] = field(default_factory=dict)
    wanted_accuracy: float = 0.0
    most_ngrams: int = 50_000
    most_unlabelled: int = 50_000

    def __post_init__(self) -> None:
        expect(self.tuning in TUNINGS, "tuning", self.tuning, f"one of {list(TUNINGS)}")
        expect(self.self_training in SELF_TRAINING, "self_training", self.self_training, f"one of {[*SELF_TRAINING]}")
        expect(0 <= self.wanted_accuracy < 1, "wanted_accuracy", self.wanted_accuracy, "0 up to 1")
        expect(1 <= self.tuning_epochs <= 100, "tuning_epochs", self.tuning_epochs, "1 to 100")
        expect(1 <= self.text_epochs <= 100, "text_epochs", self.text_epochs, "1 to 100")
        expect(self.most_ngrams >= 1000, "most_ngrams", self.most_ngrams, "1000 or more")
        frozen = self.tuning == "frozen" or self.text_encoder not in ("own", "none")
        expect(frozen, "tuning", self.tuning, "'frozen' with the own encoder; name a Hugging Face text_encoder for it")


def read_text_arguments(given: Mapping[str, Any]) -> TextArguments:
    """Arguments from a job's spec.

    Raises:
        InvalidSettingError: an unknown name, or a value of the wrong type or range.
    """
    known = {part.name for part in fields(TextArguments)}
    unknown = sorted(set(given) - known)
    if unknown:
        raise InvalidSettingError(f"'{unknown[0]}' is no argument of a text run, expected one of {sorted(known)}.")
    try:
        return TextArguments(**given)
    except TypeError as error:
        raise InvalidSettingError(f"The arguments {dict(given)} do not fit a text run: {error}.") from error
