"""What a continued run can be told, on top of what fine-tuning can."""

from dataclasses import dataclass

from core.errors import InvalidSettingError
from core.training.arguments import FinetuneArguments


@dataclass(frozen=True)
class ContinueArguments(FinetuneArguments):
    """Few and careful steps from a model that knows the intents already.

    since: ISO time; labels made later are new. Empty: when the model to continue from was made.
    replay: earlier labelled sessions that are learned again, at most, per intent.
    distillation: weight of agreeing with yesterday's model, beside 1 for the labels.
    softness: temperature of both models' answers when they are compared.
    """

    epochs: int = 8
    learning_rate: float = 5e-4
    since: str = ""
    replay: int = 40
    distillation: float = 1.0
    softness: float = 2.0

    def __post_init__(self) -> None:
        super().__post_init__()
        _expect(0 <= self.replay <= 100_000, "replay", self.replay, "0 to 100000")
        _expect(0 <= self.distillation <= 100, "distillation", self.distillation, "0 to 100")
        _expect(0.5 <= self.softness <= 20, "softness", self.softness, "0.5 to 20")


def _expect(condition: bool, name: str, value: object, expected: str) -> None:
    if not condition:
        raise InvalidSettingError(f"{name} is '{value}', expected {expected}.")
