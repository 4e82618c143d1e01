"""What forms and commands offer for training; core.training, which uses it, loads torch and they must not."""

RECIPES: tuple[str, ...] = ("auto", "full", "head", "lora", "adalora", "prefix")

TUNINGS: tuple[str, ...] = ("frozen", "lora", "full")

OPTIONS: dict[str, bool | float | int] = {
    "teacher": True,
    "pseudo_labels": 0.9,
    "augmentation": 0.5,
    "adversarial": 0.05,
    "mixup": 0.4,
    "consistency": 1.0,
    "pull": 0.05,
    "averaging": 0.95,
    "layer_decay": 0.7,
    "seeds": 3,
}
"""Arguments that are off by default, and what they are set to when somebody turns them on."""

PRETRAINING_EPOCHS, SMOOTHING, PATIENCE = 5, 0.05, 4
"""Defaults of pretraining's epochs, label_smoothing and patience; a test holds all this to core.training.arguments."""
