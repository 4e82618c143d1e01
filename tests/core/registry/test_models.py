"""The registry: whole model folders only, one champion, promote and roll back."""

import json
from pathlib import Path

import pandas as pd
import pytest

from core.errors import BrokenCheckpointError, NoModelError, NotFoundError
from core.registry.models import (
    KINDS_FILE,
    NEEDED_FILES,
    champion,
    latest_pretrained,
    latest_purchase,
    list_models,
    promote,
    register_model,
    rollback,
)
from core.registry.scored import scored_models
from core.settings import Settings
from core.store.frames import read_rows
from core.store.warehouse import Warehouse


def model_folder(folder: Path, model_id: str, kind: str = "finetuned") -> Path:
    path = folder / model_id
    path.mkdir(parents=True)
    for name in NEEDED_FILES:
        (path / name).write_text("{}")
    card = {"model_id": model_id, "kind": kind, "intents": ["browse", "search"], "metrics": {"macro_f1": 0.5}}
    (path / "card.json").write_text(json.dumps(card))
    return path


def test_the_first_finetuned_model_serves_and_later_ones_wait(
    warehouse: Warehouse, settings: Settings, tmp_path: Path
) -> None:
    register_model(warehouse, settings, model_folder(tmp_path, "base", "pretrained"))
    assert champion(warehouse) is None
    first = register_model(warehouse, settings, model_folder(tmp_path, "first"))
    second = register_model(warehouse, settings, model_folder(tmp_path, "second"))
    assert (first.status, second.status) == ("champion", "challenger")
    assert (settings.models_folder / "second" / "card.json").is_file()
    pretrained = latest_pretrained(warehouse)
    assert pretrained is not None
    assert pretrained.model_id == "base"


def test_promoting_changes_who_serves_and_rolling_back_undoes_it(
    warehouse: Warehouse, settings: Settings, tmp_path: Path
) -> None:
    for name in ("first", "second"):
        register_model(warehouse, settings, model_folder(tmp_path, name))
    with pytest.raises(NoModelError, match="roll back"):
        rollback(warehouse)
    assert promote(warehouse, "second").status == "champion"
    assert [model.model_id for model in list_models(warehouse) if model.status == "champion"] == ["second"]
    assert rollback(warehouse).model_id == "first"


def test_a_purchase_model_is_kept_beside_the_champion_and_never_is_one(
    warehouse: Warehouse, settings: Settings, tmp_path: Path
) -> None:
    record = register_model(warehouse, settings, model_folder(tmp_path, "buyers", "purchase"))
    assert champion(warehouse) is None
    assert latest_pretrained(warehouse) is None
    assert latest_purchase(warehouse) == record
    with pytest.raises(NoModelError, match="'buyers' is purchase and knows no intents"):
        promote(warehouse, "buyers")


def test_registering_twice_changes_nothing(warehouse: Warehouse, settings: Settings, tmp_path: Path) -> None:
    folder = model_folder(tmp_path, "first")
    assert register_model(warehouse, settings, folder) == register_model(warehouse, settings, folder)
    assert len(list_models(warehouse)) == 1


def test_only_whole_folders_and_finetuned_champions(warehouse: Warehouse, settings: Settings, tmp_path: Path) -> None:
    folder = model_folder(tmp_path, "broken")
    (folder / "model.safetensors").unlink()
    with pytest.raises(BrokenCheckpointError, match=r"model\.safetensors"):
        register_model(warehouse, settings, folder)
    (model_folder(tmp_path, "odd") / "card.json").write_text("[]")
    with pytest.raises(BrokenCheckpointError, match="model_id or kind"):
        register_model(warehouse, settings, tmp_path / "odd")
    register_model(warehouse, settings, model_folder(tmp_path, "base", "pretrained"))
    with pytest.raises(NoModelError, match="pretrained"):
        promote(warehouse, "base")
    with pytest.raises(NotFoundError, match="'nobody'"):
        promote(warehouse, "nobody")


def test_the_newest_pretraining_says_of_which_kind_sessions_are(
    warehouse: Warehouse, settings: Settings, tmp_path: Path
) -> None:
    for name, created_at in (("second", "2026-06-02"), ("first", "2026-06-01"), ("third", "2026-06-03")):
        folder = model_folder(tmp_path, name, "pretrained")
        card = json.loads((folder / "card.json").read_text()) | {"created_at": f"{created_at}T00:00:00"}
        (folder / "card.json").write_text(json.dumps(card))
        kinds = pd.DataFrame({"session_id": [f"of {name}"], "kind": [1], "sureness": [0.75]})
        if name != "third":
            kinds.to_parquet(folder / KINDS_FILE)
        register_model(warehouse, settings, folder)
        assert read_rows(warehouse, "FROM session_kinds") == [("of second", 1, 0.75)]
    assert scored_models(warehouse) == (), "kinds are no intents: a pretrained model has scored nothing"
