"""The recipes by name: which weights of a model move in fine-tuning."""

from core.training.recipes.adalora import Adalora
from core.training.recipes.full import Full
from core.training.recipes.head import Head
from core.training.recipes.lora import Lora
from core.training.recipes.prefix import Prefix
from core.training.recipes.recipe import Recipe

RECIPES: dict[str, type[Recipe]] = {
    "full": Full,
    "head": Head,
    "lora": Lora,
    "adalora": Adalora,
    "prefix": Prefix,
}
