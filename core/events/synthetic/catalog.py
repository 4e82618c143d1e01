"""The items of the sample shop: titles in two languages, brands, prices by category, a picture each."""

import math
from dataclasses import dataclass

import numpy as np

from core.events.synthetic.behavior import PRICE_LEVELS


@dataclass(frozen=True)
class Category:
    """path by " > "; the thing's name by language; the median price in CNY; the drawn shape."""

    path: str
    name: dict[str, str]
    price: float
    shape: str


@dataclass(frozen=True)
class Item:
    """One item; `level` 0 (cheapest) to PRICE_LEVELS - 1 within its category."""

    item_id: str
    title: str
    description: str
    category: Category
    brand: str
    model: str
    color: str
    price: float
    level: int


CATEGORIES: tuple[Category, ...] = (
    Category("Home > Lighting", {"en": "desk lamp", "zh": "台灯"}, 189, "lamp"),
    Category("Bags > Backpacks", {"en": "backpack", "zh": "双肩包"}, 329, "bag"),
    Category("Kitchen > Cups", {"en": "mug", "zh": "马克杯"}, 59, "mug"),
    Category("Home > Chairs", {"en": "reading chair", "zh": "休闲椅"}, 899, "chair"),
    Category("Shoes > Running", {"en": "running shoes", "zh": "跑鞋"}, 459, "shoe"),
    Category("Home > Clocks", {"en": "wall clock", "zh": "挂钟"}, 139, "clock"),
    Category("Kitchen > Bottles", {"en": "water bottle", "zh": "水壶"}, 89, "bottle"),
    Category("Bedroom > Blankets", {"en": "wool blanket", "zh": "羊毛毯"}, 269, "blanket"),
)
COLORS: dict[str, tuple[str, tuple[int, int, int]]] = {
    "moss": ("苔绿", (107, 142, 90)),
    "clay": ("陶土色", (192, 108, 76)),
    "ink": ("墨蓝", (44, 62, 98)),
    "sand": ("沙色", (214, 190, 150)),
    "plum": ("梅紫", (128, 72, 112)),
    "snow": ("雪白", (226, 228, 232)),
    "amber": ("琥珀", (222, 158, 54)),
    "slate": ("石板灰", (96, 106, 116)),
}
BRANDS: tuple[str, ...] = ("Norrby", "Kestrel & Oak", "青禾", "Tidewell", "木子里", "Fernway", "Solbakk", "远山")
_ADJECTIVES = {
    "en": ("small", "everyday", "folding", "light", "handmade", "classic"),
    "zh": ("小号", "日常", "折叠", "轻便", "手工", "经典"),
}
_PRICE_SPREAD = 0.45
_ITEMS_PER_CATEGORY = 45


def make_catalog(random: np.random.Generator) -> list[Item]:
    """All items, category by category, cheapest first."""
    items: list[Item] = []
    for category in CATEGORIES:
        prices = np.sort(category.price * np.exp(random.normal(0.0, _PRICE_SPREAD, _ITEMS_PER_CATEGORY)))
        for place, price in enumerate(prices):
            level = place * PRICE_LEVELS // _ITEMS_PER_CATEGORY
            items.append(_item(random, f"i{len(items) + 1:04}", category, float(price), level))
    return items


def _item(random: np.random.Generator, item_id: str, category: Category, price: float, level: int) -> Item:
    language = "zh" if random.random() < 0.5 else "en"
    brand = BRANDS[int(random.integers(len(BRANDS)))]
    color = list(COLORS)[int(random.integers(len(COLORS)))]
    model = f"{'ABCDEFGH'[int(random.integers(8))]}{int(random.integers(10, 99))}"
    adjective = _ADJECTIVES[language][int(random.integers(6))]
    name = category.name[language]
    if language == "zh":
        shade = COLORS[color][0]
        title, description = (
            f"{brand} {model} {adjective}{name} {shade}",
            f"{shade}{name}，{adjective}款，型号 {model}。",
        )
    else:
        title, description = f"{brand} {model} {adjective} {name}, {color}", f"A {adjective} {name} in {color}."
    return Item(item_id, title, description, category, brand, model, color, math.floor(price) + 0.9, level)
