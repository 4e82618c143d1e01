"""A data folder with visitors of few, many and very many events and two models that disagree, none of it scored."""

import json
import random
import shutil
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from safetensors.torch import load_file, save_file

from core.events.schema import EVENT_SCHEMA, ITEM_SCHEMA
from core.registry.models import register_model
from core.settings import Settings
from core.store.ingest_queries import append_events
from core.store.warehouse import Warehouse

SECOND_MODEL = "second"
START = datetime(2024, 3, 1, 9)
_TYPES = ("view", "view_list", "search", "click", "view", "add_to_cart", "view", "view_cart", "checkout", "purchase")


def make_timeline_home(home: Path, model_folder: Path, visitors: Mapping[str, int], seed: int = 7) -> None:
    """Fill the folder.

    Args:
        model_folder: the model that serves; the second is the same with its intents' outputs moved by one.
        visitors: how many events each has, in sessions of some twelve, a day or two apart.
    """
    settings = Settings(home=home, sample_shop=False, threads=1)
    warehouse = Warehouse.open(settings)
    try:
        chance = random.Random(seed)
        rows = [row for visitor, count in visitors.items() for row in _events(visitor, count, chance)]
        items = [
            {"item_id": f"i{n}", "title": f"Mug {n}", "price": 5.0 + n, "currency": "EUR", "updated_at": START}
            for n in range(40)
        ]
        append_events(
            warehouse,
            pa.Table.from_pylist(rows, schema=EVENT_SCHEMA),
            items=pa.Table.from_pylist(items, schema=ITEM_SCHEMA),
        )
        register_model(warehouse, settings, model_folder)
        register_model(warehouse, settings, _moved(model_folder, home / "second"))
    finally:
        warehouse.close()


def _events(visitor: str, count: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    at = START
    for number in range(count):
        if number and chance.random() < 1 / 12:
            at = at + timedelta(hours=chance.randint(20, 44))
        at = at + timedelta(seconds=chance.randint(4, 90))
        kind = chance.choice(_TYPES)
        item = chance.randrange(40)
        yield {
            "event_id": f"{visitor}.{number}",
            "occurred_at": at,
            "received_at": at,
            "visitor_id": visitor,
            "event_type": kind,
            "item_id": None if kind == "search" else f"i{item}",
            "query": f"mug {item}" if kind == "search" else None,
            "price": 5.0 + item if kind in ("add_to_cart", "purchase") else None,
            "currency": "EUR" if kind in ("add_to_cart", "purchase") else None,
            "quantity": 1.0 if kind in ("add_to_cart", "purchase") else None,
            "order_id": f"{visitor}-o{number}" if kind == "purchase" else None,
        }


def _moved(model_folder: Path, folder: Path) -> Path:
    """A copy of the model that gives each intent the probability of the one before it."""
    shutil.copytree(model_folder, folder)
    card = json.loads((folder / "card.json").read_text(encoding="utf-8")) | {"model_id": SECOND_MODEL}
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    weights = load_file(folder / "model.safetensors")
    for name in [name for name in weights if name.startswith("intent_head.")]:
        if weights[name].shape[0] == len(card["intents"]):
            weights[name] = weights[name].roll(1, dims=0).contiguous()
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    return folder
