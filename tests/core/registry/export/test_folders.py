"""Exports: a Hugging Face folder that answers the same in a fresh process, ONNX graphs that answer as the model."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import (
    BrokenCheckpointError,
    ExportMismatchError,
    InvalidSettingError,
    MissingPackageError,
    NoModelError,
)
from core.model.checkpoint import save_checkpoint
from core.model.onnx import writing
from core.model.scorer import SessionScorer
from core.registry.export import job
from core.registry.export.folders import REMOTE_CODE_FILE, export_model
from tests.core.model.conftest import make_checkpoint
from tests.core.model.shop import Shop, make_shop
from tests.core.training.support import Context, Spec

ROOT = Path(__file__).resolve().parents[4]
FRESH = """
import sys, torch
import numpy as np
{first}
from transformers import AutoModel
from transformers.utils import logging
logging.disable_progress_bar()
model = AutoModel.from_pretrained(sys.argv[1], **{options}).eval()
from core.model.batch import EventBatch
batch = EventBatch(**torch.load(sys.argv[2]))
with torch.no_grad():
    np.save(sys.argv[3], torch.softmax(model(batch).intent_logits / float(sys.argv[4]), dim=-1).numpy())
"""


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop(visitors=6)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory, shop: Shop) -> Path:
    """A model folder as the registry keeps it, with weights in 16 bits as the samples have them."""
    folder = tmp_path_factory.mktemp("model")
    checkpoint = make_checkpoint(shop)
    checkpoint.card = {
        "model_id": "m-1",
        "kind": "finetuned",
        "intents": list(checkpoint.intents),
        "temperature": 1.7,
        "metrics": {},
    }
    checkpoint.model.half()
    save_checkpoint(checkpoint, folder)
    return folder


@pytest.mark.parametrize(
    ("first", "options"),
    [("import core.model.session_model", "{}"), ("", "{'trust_remote_code': True}")],
    ids=["registered", "from the folder"],
)
def test_automodel_answers_in_a_fresh_process_exactly_as_the_scorer(
    first: str, options: str, source: Path, shop: Shop, tmp_path: Path
) -> None:
    exported = export_model(source, "hf", tmp_path / "hf")
    scorer = SessionScorer.load(source)
    sizes = shop.events["visitor_id"].value_counts()
    within = sizes.index[sizes <= scorer.model.config.max_events][0]
    visitor = shop.events[shop.events["visitor_id"] == within]
    torch.save(vars(scorer.batch(visitor, shop.items)), tmp_path / "batch.pt")
    arguments = [str(exported), str(tmp_path / "batch.pt"), str(tmp_path / "answers.npy"), "1.7"]
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "HF_HUB_OFFLINE": "1",
        "HF_MODULES_CACHE": str(tmp_path / "modules"),
    }
    code = FRESH.format(first=first, options=options)
    subprocess.run([sys.executable, "-c", code, *arguments], env=environment, cwd=tmp_path, check=True, timeout=120)
    answers = np.load(tmp_path / "answers.npy")[0]
    np.testing.assert_allclose(answers, scorer.score(visitor, shop.items), atol=1e-6)


def test_the_exported_folder_is_a_model_folder_again_with_a_readme(source: Path, shop: Shop, tmp_path: Path) -> None:
    exported = export_model(source, "hf", tmp_path / "hf")
    one, two = (SessionScorer.load(folder).score(shop.events, shop.items) for folder in (source, exported))
    np.testing.assert_array_equal(one, two)
    readme = (exported / "README.md").read_text(encoding="utf-8")
    assert readme.startswith("---\n")
    assert "import core.model.session_model" in readme
    assert (exported / REMOTE_CODE_FILE).is_file()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_onnx_answers_as_the_model_over_ragged_windows_and_step_by_step(source: Path, tmp_path: Path) -> None:
    """write_graphs itself compares both graphs with the model; here once more on other windows, longer and single."""
    folder = export_model(source, "onnx", tmp_path / "onnx")
    about = json.loads((folder / writing.ABOUT_FILE).read_text())
    assert about["intents"] == ["browse", "purchase", "support"]
    assert 0 <= about["largest_difference"] <= writing.TOLERANCE
    scorer = SessionScorer.load(source)
    for windows, events, seed in ((3, 16, 11), (1, 1, 12)):
        batch = writing.random_batch(scorer, windows, events, seed)
        with torch.no_grad():
            wanted = scorer.probabilities(scorer.model(batch).intent_logits).numpy()
        real = batch.attention_mask.numpy()
        full = writing.run_full(folder / writing.FULL_FILE, batch)
        steps = writing.run_steps(folder / writing.STEP_FILE, scorer, batch)
        np.testing.assert_allclose(full[real], wanted[real], atol=1e-4)
        np.testing.assert_allclose(steps[real], full[real], atol=1e-4)
    with torch.no_grad():
        scorer.model.intent_head.output.bias[0] += 0.1
    with pytest.raises(ExportMismatchError, match=r"full\.onnx"):
        writing.check_graphs(scorer, folder)


def test_a_missing_package_is_named_with_the_command_that_installs_it(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(MissingPackageError, match=r"'onnxscript'.*pip install 'intentlens\[onnx\]'"):
        export_model(source, "onnx", tmp_path / "onnx")
    assert list(tmp_path.iterdir()) == [], "nothing half written stays"


def test_what_cannot_be_exported_is_said(source: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine.txt").write_text("keep")
    with pytest.raises(InvalidSettingError, match="not empty"):
        export_model(source, "hf", tmp_path / "there")
    with pytest.raises(InvalidSettingError, match="'pickle'"):
        export_model(source, "pickle", tmp_path / "new")  # type: ignore[arg-type]
    with pytest.raises(BrokenCheckpointError):
        export_model(tmp_path / "there", "hf", tmp_path / "new")
    card = json.loads((source / "card.json").read_text())
    pretrained = tmp_path / "pretrained"
    pretrained.mkdir()
    for path in source.iterdir():
        (pretrained / path.name).write_bytes(path.read_bytes())
    (pretrained / "card.json").write_text(json.dumps(card | {"kind": "pretrained"}))
    with pytest.raises(NoModelError, match="is pretrained and knows no intents"):
        export_model(pretrained, "onnx", tmp_path / "new")


def test_the_job_leaves_an_archive_with_the_folder_under_the_models_name(source: Path, tmp_path: Path) -> None:
    context = Context(Spec(tmp_path / "none", tmp_path / "output", {"format": "hf"}, base_model=source))
    result = job.run(context)
    with zipfile.ZipFile(result["archive"]) as archive:
        names = set(archive.namelist())
    assert {"m-1/README.md", "m-1/config.json", "m-1/model.safetensors", "m-1/card.json"} <= names
    assert [path.name for path in (tmp_path / "output").iterdir()] == ["m-1-hf.zip"]
    with pytest.raises(NoModelError, match="No model is chosen"):
        job.run(Context(Spec(tmp_path, tmp_path)))
    with pytest.raises(InvalidSettingError, match="'pickle'"):
        job.run(Context(Spec(tmp_path, tmp_path, {"format": "pickle"}, base_model=source)))
