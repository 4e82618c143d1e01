"""Names that forms and commands offer before anything heavy is loaded: recipes, and options with a usual strength."""

RECIPES: tuple[str, ...] = ("auto", "full", "head", "lora", "adalora", "prefix")
"""auto chooses by the number of labels (choice.py); the others are the files of recipes/."""

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
"""Arguments of fine-tuning that are off by default, and what they are set to when somebody turns them on."""
