"""Registered models: a folder each in the data folder, a row each in the warehouse, and one champion that serves."""

import json
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, get_args

from core.errors import BrokenCheckpointError, NoModelError, NotFoundError
from core.files import replacing
from core.registry.card_text import INTENDED_USE, limits
from core.settings import Settings
from core.store import model_queries
from core.store.kind_queries import replace_kinds
from core.store.model_queries import ModelRow
from core.store.warehouse import Warehouse

ModelKind = Literal["pretrained", "finetuned", "purchase"]
KINDS_FILE = "kinds.parquet"
NEEDED_FILES = ("config.json", "model.safetensors", "tokenizer.json", "vocabulary.json", "card.json")


@dataclass(frozen=True)
class ModelRecord:
    """A registered model. `folder` is in the data folder; one without intents is never the champion."""

    model_id: str
    kind: str
    status: str
    parent: str | None
    folder: Path
    intents: tuple[str, ...]
    metrics: dict[str, Any]
    card: dict[str, Any]
    created_at: datetime
    promoted_at: datetime | None


def register_model(warehouse: Warehouse, settings: Settings, folder: Path) -> ModelRecord:
    """Copy a model folder into the data folder and register it; the first finetuned one becomes the champion.

    Registering the same model again changes nothing.

    Raises:
        BrokenCheckpointError: a file of the model folder is missing or its card is unreadable.
    """
    card = read_card(folder)
    model_id = str(card["model_id"])
    for record in list_models(warehouse):
        if record.model_id == model_id:
            return record
    with replacing(settings.models_folder / model_id) as part:
        shutil.copytree(folder, part)
    serves = card["kind"] == "finetuned" and champion(warehouse) is None
    now = warehouse.clock()
    created_at = _created_at(card, now)
    if card["kind"] == "pretrained":
        _take_kinds(warehouse, folder, created_at)
    row = ModelRow(
        model_id=model_id,
        kind=str(card["kind"]),
        status="champion" if serves else "challenger",
        created_at=created_at,
        promoted_at=now if serves else None,
        record={"intents": list(card.get("intents") or []), "card": card},
    )
    model_queries.insert_model(warehouse, row)
    return _record(row, settings)


def _take_kinds(warehouse: Warehouse, folder: Path, created_at: datetime) -> None:
    """Let the label queue go by the kinds that came with a pretrained model, unless a newer one is there.

    Before the model is registered: what is cut off in between is done again with it.
    """
    newest = latest_pretrained(warehouse)
    if (folder / KINDS_FILE).is_file() and (newest is None or created_at >= newest.created_at):
        replace_kinds(warehouse, folder / KINDS_FILE)


def complete_card(folder: Path, started_at: datetime | None, finished_at: datetime | None) -> None:
    """Write into a model folder's card what its run could not know or judge: training_seconds, intended_use, limits.

    Raises:
        BrokenCheckpointError: as `register_model`.
    """
    card = read_card(folder)
    if started_at is not None and finished_at is not None:
        card.setdefault("training_seconds", round((finished_at - started_at).total_seconds(), 1))
    card.setdefault("intended_use", INTENDED_USE)
    card.setdefault("limits", limits(card))
    with replacing(folder / "card.json") as part:
        part.write_text(json.dumps(card, ensure_ascii=False, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def register_models_of(warehouse: Warehouse, settings: Settings, folder: Path) -> list[ModelRecord]:
    """Register the pretrained and the finetuned model in a folder's subfolders of these names, where they are."""
    present = [folder / kind for kind in ("pretrained", "finetuned") if (folder / kind).is_dir()]
    return [register_model(warehouse, settings, path) for path in present]


def list_models(warehouse: Warehouse) -> list[ModelRecord]:
    """All registered models, newest first."""
    return [_record(row, warehouse.settings) for row in model_queries.list_models(warehouse)]


def get_model(warehouse: Warehouse, model_id: str) -> ModelRecord:
    """One registered model.

    Raises:
        NotFoundError: there is none of that id.
    """
    for record in list_models(warehouse):
        if record.model_id == model_id:
            return record
    raise NotFoundError(f"There is no model '{model_id}'; the Train page lists those there are.")


def get_intent_model(warehouse: Warehouse, model_id: str) -> ModelRecord:
    """One registered model that says intents.

    Raises:
        NotFoundError: there is none of that id.
        NoModelError: it is of another kind.
    """
    record = get_model(warehouse, model_id)
    if record.kind != "finetuned":
        raise NoModelError(f"The model '{model_id}' is {record.kind} and knows no intents; name a fine-tuned one.")
    return record


def champion(warehouse: Warehouse) -> ModelRecord | None:
    """The model that serves, or None."""
    return next((record for record in list_models(warehouse) if record.status == "champion"), None)


def latest_pretrained(warehouse: Warehouse) -> ModelRecord | None:
    """The newest pretrained model, from which fine-tuning starts; or None."""
    return next((record for record in list_models(warehouse) if record.kind == "pretrained"), None)


def latest_purchase(warehouse: Warehouse) -> ModelRecord | None:
    """The newest model that says whether a session will buy, which serves that question; or None."""
    return next((record for record in list_models(warehouse) if record.kind == "purchase"), None)


def promote(warehouse: Warehouse, model_id: str) -> ModelRecord:
    """Let a finetuned model serve in place of the present champion.

    Raises:
        NotFoundError: there is no such model.
        NoModelError: it is pretrained or a purchase model, so it says no intents.
    """
    get_intent_model(warehouse, model_id)
    model_queries.set_champion(warehouse, model_id, warehouse.clock())
    return get_model(warehouse, model_id)


def rollback(warehouse: Warehouse) -> ModelRecord:
    """Let the model serve that served before the present champion.

    Raises:
        NoModelError: no other model has served yet.
    """
    earlier = [record for record in list_models(warehouse) if record.status != "champion" and record.promoted_at]
    if not earlier:
        raise NoModelError("No other model has served yet, so there is nothing to roll back to.")
    return promote(warehouse, max(earlier, key=lambda record: record.promoted_at or datetime.min).model_id)


def _record(row: ModelRow, settings: Settings) -> ModelRecord:
    card = row.record["card"]
    return ModelRecord(
        model_id=row.model_id,
        kind=row.kind,
        status=row.status,
        parent=card.get("parent"),
        folder=settings.models_folder / row.model_id,
        intents=tuple(row.record["intents"]),
        metrics=card.get("metrics") or {},
        card=card,
        created_at=row.created_at,
        promoted_at=row.promoted_at,
    )


def read_card(folder: Path) -> dict[str, Any]:
    """The card of a model folder that has all it needs.

    Raises:
        BrokenCheckpointError: a file is missing, or the card is unreadable or says neither model_id nor kind.
    """
    missing = [name for name in NEEDED_FILES if not (folder / name).is_file()]
    if missing:
        raise BrokenCheckpointError(f"The model folder '{folder}' lacks '{missing[0]}'; train or copy the model again.")
    try:
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    except ValueError as error:
        raise BrokenCheckpointError(
            f"'{folder / 'card.json'}' is not JSON ({error}); train the model again."
        ) from error
    if not isinstance(card, dict) or not card.get("model_id") or card.get("kind") not in get_args(ModelKind):
        raise BrokenCheckpointError(f"The card in '{folder}' has no model_id or kind; train the model again.")
    return card


def _created_at(card: dict[str, Any], now: datetime) -> datetime:
    try:
        return datetime.fromisoformat(str(card["created_at"])).replace(tzinfo=None)
    except (KeyError, ValueError):
        return now
