"""Text models of a data folder: a folder each in `models/`, told apart from session models by their card's name."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import BrokenCheckpointError, NoModelError, NotFoundError
from core.files import UNFINISHED, replacing
from core.settings import Settings

TEXT_CARD = "text_card.json"
"""As core.model.text_classifier names it (a test holds that), which loads heavy libraries."""


@dataclass(frozen=True)
class TextModelRecord:
    """A text model and its card."""

    model_id: str
    folder: Path
    card: dict[str, Any]


def register_text_model(settings: Settings, folder: Path) -> TextModelRecord:
    """Copy a text model into the data folder, whole or not at all; a second time changes nothing.

    Raises:
        BrokenCheckpointError: its card is unreadable.
    """
    model_id = str(_read_card(folder)["model_id"])
    target = settings.models_folder / model_id
    if not (target / TEXT_CARD).is_file():
        with replacing(target) as part:
            shutil.copytree(folder, part)
    return TextModelRecord(model_id, target, _read_card(target))


def list_text_models(settings: Settings) -> list[TextModelRecord]:
    """All text models, newest first."""
    cards = sorted(path for path in settings.models_folder.glob(f"*/{TEXT_CARD}") if path.parent.suffix != UNFINISHED)
    records = [TextModelRecord(path.parent.name, path.parent, _read_card(path.parent)) for path in cards]
    return sorted(records, key=lambda record: (str(record.card.get("created_at")), record.model_id), reverse=True)


def get_text_model(settings: Settings, model_id: str | None = None) -> TextModelRecord:
    """The text model of that id, or the newest.

    Raises:
        NoModelError: there is none yet.
        NotFoundError: there is none of that id.
    """
    records = list_text_models(settings)
    if not records:
        raise NoModelError("There is no text model yet; train one by `intentlens texts train FILE`.")
    if model_id is None:
        return records[0]
    for record in records:
        if record.model_id == model_id:
            return record
    raise NotFoundError(
        f"There is no text model '{model_id}', expected one of {', '.join(r.model_id for r in records)}."
    )


def _read_card(folder: Path) -> dict[str, Any]:
    path = folder / TEXT_CARD
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BrokenCheckpointError(f"'{path}' cannot be read ({error}); train the text model again.") from error
    if not isinstance(card, dict) or not card.get("model_id"):
        raise BrokenCheckpointError(f"The card '{path}' has no model_id; train the text model again.")
    return card
