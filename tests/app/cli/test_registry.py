"""`intentlens models`: what there is, taking one away, and the gate before one serves."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from core.evaluation.records import COLUMNS, NAMES
from core.events.synthetic.behavior import INTENTS as SIX
from core.registry.gate.evidence import best_evidence
from core.registry.models import get_model, register_model
from core.settings import Settings
from core.store.audit_queries import list_audit
from core.store.labeled_queries import newest_labels
from core.store.warehouse import Warehouse
from core.training.held_out import EVALUATION_FILE, write_answers
from tests.app.cli.calling import call, error_of, told
from tests.core.evaluation.records import write_labelled


def test_list_names_every_model_and_who_serves(shop_home: Path) -> None:
    found = {model["model_id"]: model for model in told(call(shop_home, "models", "list", "--json"))["models"]}
    assert found["sample-finetuned"]["status"] == "champion"
    assert found["sample-finetuned"]["macro_f1"] > 0
    assert "sample-pretrained" in call(shop_home, "models", "list").stdout


def test_export_writes_a_folder_once(shop_home: Path, tmp_path: Path) -> None:
    out = tmp_path / "exported"
    about = told(call(shop_home, "models", "export", "sample-finetuned", "--out", str(out), "--json"))
    assert {"README.md", "config.json", "model.safetensors"} <= set(about["files"])
    assert "sample-finetuned" in (out / "README.md").read_text(encoding="utf-8")
    again = error_of(call(shop_home, "models", "export", "sample-finetuned", "--out", str(out), "--json"))
    assert "choose another folder" in again["message"]
    other = ["models", "export", "sample-pretrained", "--format", "onnx", "--out", str(tmp_path / "x"), "--json"]
    assert error_of(call(shop_home, *other))["code"] == "no_model"
    assert "'nobody'" in error_of(call(shop_home, "models", "export", "nobody", "--out", "x", "--json"))["message"]


def test_a_worse_model_is_refused_with_the_reason_and_served_only_when_forced(shop_home: Path, tmp_path: Path) -> None:
    _add_a_worse_twin(shop_home, tmp_path)
    refused = error_of(call(shop_home, "models", "promote", "twin", "--json"))
    assert refused["code"] == "promotion_refused"
    assert "'twin' is worse than 'sample-finetuned': browse F1 0.00 instead of 1.00" in refused["message"]
    forced = told(call(shop_home, "models", "promote", "twin", "--force", "--json"))
    assert forced["forced"]
    found = {
        model["model_id"]: model["status"] for model in told(call(shop_home, "models", "list", "--json"))["models"]
    }
    assert found["twin"] == "champion"
    warehouse = Warehouse.open(Settings(home=shop_home, sample_shop=False))
    assert [row.action for row in list_audit(warehouse, "twin")] == ["promote_forced", "promote_refused"]
    warehouse.close()


def _add_a_worse_twin(home: Path, place: Path) -> None:
    """The serving model under another name; what their runs recorded says that it is always wrong on browse."""
    folder = Path(shutil.copytree(home / "models" / "sample-finetuned", place / "twin"))
    card = (folder / "card.json").read_text(encoding="utf-8")
    (folder / "card.json").write_text(card.replace('"model_id": "sample-finetuned"', '"model_id": "twin"'))
    right, wrong = [0.9, 0.02, 0.02, 0.02, 0.02, 0.02], [0.02, 0.9, 0.02, 0.02, 0.02, 0.02]
    for target, answered in ((folder, wrong), (home / "models" / "sample-finetuned", right)):
        write_labelled(target, ["browse"] * 30, np.tile(answered, (30, 1)), SIX)
    warehouse = Warehouse.open(Settings(home=home, sample_shop=False))
    register_model(warehouse, warehouse.settings, folder)
    warehouse.close()


def test_continue_says_that_nothing_is_new(shop_home: Path) -> None:
    error = error_of(call(shop_home, "continue", "--json"))
    assert error["code"] == "job_failed"
    assert "labelled since" in error["message"]


def test_where_runs_recorded_nothing_both_models_answer_the_newest_labels(shop_home: Path, tmp_path: Path) -> None:
    _add_a_worse_twin(shop_home, tmp_path)
    (shop_home / "models" / "twin" / EVALUATION_FILE).unlink()
    warehouse = Warehouse.open(Settings(home=shop_home, sample_shop=False))
    new, old = get_model(warehouse, "twin"), get_model(warehouse, "sample-finetuned")
    lenient = best_evidence(warehouse, new, old)
    labels = newest_labels(warehouse, 400)
    said = np.tile(np.array([[0.9, 0.02, 0.02, 0.02, 0.02, 0.02]], dtype=np.float32), (len(labels), 1))
    blank = pd.DataFrame(index=labels.index, columns=list(COLUMNS))
    write_answers(
        new.folder, blank.assign(**labels[["event_id", "visitor_id", "answer"]]), dict.fromkeys(NAMES, said), SIX
    )
    held_out = best_evidence(warehouse, new, replace(old, created_at=labels["created_at"].quantile(0.3)))
    warehouse.close()
    assert lenient is not None
    assert lenient[0] == "newest"
    np.testing.assert_array_equal(lenient[1].champion, lenient[1].challenger)
    assert held_out is not None
    assert held_out[0] == "challenger_held_out"
    assert 0 < len(held_out[1]) < len(labels)
    assert (held_out[1].challenger.argmax(axis=1) == 0).all()
    assert len(set(held_out[1].champion.argmax(axis=1))) > 1
