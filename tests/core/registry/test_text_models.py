"""Text models of a data folder: those that are there whole."""

import json
import shutil
from pathlib import Path

from core.files import UNFINISHED
from core.registry.text_models import TEXT_CARD, list_text_models, register_text_model
from core.settings import Settings


def test_a_copy_that_was_killed_is_no_model_and_in_nobodys_way(settings: Settings, tmp_path: Path) -> None:
    made = tmp_path / "made"
    made.mkdir()
    (made / TEXT_CARD).write_text(json.dumps({"model_id": "texts", "created_at": "2026-05-04"}))
    settings.models_folder.mkdir(parents=True)
    shutil.copytree(made, settings.models_folder / f"texts{UNFINISHED}")
    assert list_text_models(settings) == []
    register_text_model(settings, made)
    assert [record.model_id for record in list_text_models(settings)] == ["texts"]
    assert [path.name for path in settings.models_folder.iterdir()] == ["texts"]
