"""The command line the whole way over one folder: JSON on stdout, plain errors on stderr, exit codes."""

import json
import os
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from core.settings import Settings
from core.store.warehouse import Warehouse
from tests.app.cli.calling import call, start, told
from tests.core.model.shop import make_shop
from tests.core.training.support import session_annotations


def answer(home: Path, *arguments: str) -> dict[str, Any]:
    return told(call(home, *arguments, "--json"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that went the whole way: import, annotations, pretrain, finetune."""
    folder = tmp_path_factory.mktemp("cli")
    shop = make_shop(visitors=80)
    shop.events.to_parquet(folder / "events.parquet")
    lines = session_annotations(shop, 60)
    lines.assign(created_at="2026-06-01T00:00:00").to_json(folder / "labels.jsonl", orient="records", lines=True)
    home = folder / "home"
    assert answer(home, "import", str(folder / "events.parquet"))["imports"][0]["added"] == len(shop.events)
    assert answer(home, "annotations", "import", str(folder / "labels.jsonl"))["added"] == 60
    answer(home, "pretrain", "--size", "tiny", "--epochs", "2")
    answer(home, "finetune", "--recipe", "head", "--seed", "3")
    return home


def test_evaluate_shows_the_baselines_of_the_same_rows(home: Path) -> None:
    told = answer(home, "evaluate")
    assert set(told["baselines"]) == {"base_rate", "kgram", "trees"}
    words = call(home, "evaluate").stdout
    assert "macro-F1" in words
    assert "trees" in words


def test_score_writes_one_probability_column_an_intent(home: Path, tmp_path: Path) -> None:
    told = answer(home, "score", "--out", str(tmp_path / "scores.parquet"))
    frame = pd.read_parquet(tmp_path / "scores.parquet")
    columns = ["p_browse", "p_purchase", "p_support"]
    assert frame.columns.tolist() == ["event_id", "session_id", "visitor_id", "model", *columns]
    assert len(frame) == told["events"]
    assert frame[columns].sum(axis=1).between(0.999, 1.001).all()


def test_explain_names_events_fields_and_values(home: Path, tmp_path: Path) -> None:
    answer(home, "annotations", "export", str(tmp_path / "labels.csv"))
    session = pd.read_csv(tmp_path / "labels.csv")["session_id"].iloc[0]
    told = answer(home, "explain", "--session", str(session))
    assert told["session_id"] == session
    assert len(told["values"]) == len(told["event_ids"])
    assert len(told["values"][0]) == len(told["fields"])


def test_report_writes_one_file_or_says_why_not(home: Path, tmp_path: Path) -> None:
    answer(home, "annotations", "export", str(tmp_path / "labels.csv"))
    session = str(pd.read_csv(tmp_path / "labels.csv")["session_id"].iloc[0])
    told = answer(home, "report", "--session", session, "--out", str(tmp_path / "story.html"), "--lang", "zh")
    html = (tmp_path / "story.html").read_text(encoding="utf-8")
    assert told["bytes"] == len(html.encode())
    assert session in html
    assert "一次会话的来龙去脉" in html
    refused = call(home, "report", "--session", session, "--out", str(tmp_path / "story.docx"))
    assert (refused.exit_code, "story.docx" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("report", "--session", "nobody", "--out", "nobody.html"), "nobody"),
        (("explain", "--session", "nobody"), "nobody"),
        (("evaluate", "--model", "nothing"), "nothing"),
        (("import", "pyproject.toml"), "pyproject.toml"),
        (("import", "README.md", "--mapping", "nonsense"), "README.md"),
    ],
)
def test_an_error_is_one_plain_sentence_and_an_exit_code(home: Path, arguments: tuple[str, ...], words: str) -> None:
    ended = call(home, *arguments)
    assert ended.exit_code == 1
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr
    as_json = call(home, *arguments, "--json")
    error = next(line for line in as_json.stderr.splitlines() if line.startswith("{"))
    assert set(json.loads(error)["error"]) == {"code", "message"}


def test_as_a_process_of_its_own_it_ends_with_the_same_code_and_words(home: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "labels.jsonl")
    for arguments, code in ((("annotations", "export", out), 0), (("explain", "--session", "nobody"), 1)):
        process = start(home, *arguments, "--json")
        said, complaint = process.communicate(timeout=120)
        here = call(home, *arguments, "--json")
        assert (process.returncode, here.exit_code) == (code, code)
        assert said == here.stdout
        assert complaint.splitlines()[-1:] == here.stderr.splitlines()[-1:]


def test_a_busy_data_folder_is_said_not_waited_for(tmp_path: Path) -> None:
    warehouse = Warehouse.open(Settings(home=tmp_path, sample_shop=False))
    try:
        ended = start(tmp_path, "annotations", "export", str(tmp_path / "labels.jsonl"))
        _, complaint = ended.communicate(timeout=120)
    finally:
        warehouse.close()
    assert ended.returncode == 1
    assert f"process {os.getpid()}" in complaint


def test_every_command_explains_itself(tmp_path: Path) -> None:
    from app.cli.main import main

    for name in main.commands:
        ended = call(tmp_path, name, "--help")
        assert ended.exit_code == 0
        assert "Usage" in ended.stdout
