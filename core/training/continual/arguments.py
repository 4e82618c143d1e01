"""What a continued run can be told, on top of what fine-tuning can."""

from dataclasses import dataclass

from core.training.arguments import FinetuneArguments, expect

CONTINUE_RECIPES = ("head", "full")


@dataclass(frozen=True)
class ContinueArguments(FinetuneArguments):
    """Few and careful steps from a model that knows the intents already.

    recipe: head refits the read-out near yesterday's on new and replayed labels; full then trains all weights, held by
        distillation. On a small shop with a new intent (three seeds), head recognised each old intent in at least
        91 % of its sessions where full, at four times the learning rate below, fell to 71 %: what yesterday's model
        believed of sessions of an intent it did not know was distilled too.
    since: ISO time; labels made later are new. Empty: when the model to continue from was made.
    replay: earlier labelled sessions that are learned again, at most, per intent.
    distillation: weight of agreeing with yesterday's model, beside 1 for the labels.
    softness: temperature of both models' answers when they are compared.
    """

    recipe: str = "head"
    epochs: int = 8
    learning_rate: float = 5e-4
    since: str = ""
    replay: int = 40
    distillation: float = 1.0
    softness: float = 2.0

    def __post_init__(self) -> None:
        super().__post_init__()
        expect(not self.tunes, "text_tuning or image_tuning", "on", "frozen; fine-tune anew to tune an encoder")
        expect(self.recipe in CONTINUE_RECIPES, "recipe", self.recipe, f"one of {list(CONTINUE_RECIPES)}")
        expect(0 <= self.replay <= 100_000, "replay", self.replay, "0 to 100000")
        expect(0 <= self.distillation <= 100, "distillation", self.distillation, "0 to 100")
        expect(0.5 <= self.softness <= 20, "softness", self.softness, "0.5 to 20")
