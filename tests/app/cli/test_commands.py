"""The command line as scripts use it: real processes, exit codes, JSON on stdout, plain errors on stderr."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from core.settings import Settings
from core.store.warehouse import Warehouse
from tests.core.model.shop import make_shop
from tests.core.training.support import session_annotations


def intentlens(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli.main", *arguments],
        env=os.environ | {"INTENTLENS_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def answer(home: Path, *arguments: str) -> dict[str, object]:
    ended = intentlens(home, *arguments, "--json")
    assert ended.returncode == 0, ended.stderr[-2000:]
    parsed: dict[str, object] = json.loads(ended.stdout)
    return parsed


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that went the whole way: import, annotations, pretrain, finetune."""
    folder = tmp_path_factory.mktemp("cli")
    shop = make_shop(visitors=80)
    shop.events.to_parquet(folder / "events.parquet")
    lines = session_annotations(shop, 60)
    lines.assign(created_at="2026-06-01T00:00:00").to_json(folder / "labels.jsonl", orient="records", lines=True)
    home = folder / "home"
    assert answer(home, "import", str(folder / "events.parquet"))["imports"][0]["added"] == len(shop.events)  # type: ignore[index]
    assert answer(home, "annotations", "import", str(folder / "labels.jsonl"))["added"] == 60
    answer(home, "pretrain", "--size", "tiny", "--epochs", "2")
    answer(home, "finetune", "--recipe", "head", "--seed", "3")
    return home


def test_evaluate_shows_the_baselines_of_the_same_rows(home: Path) -> None:
    told = answer(home, "evaluate")
    assert set(told["baselines"]) == {"base_rate", "kgram", "trees"}  # type: ignore[call-overload]
    words = intentlens(home, "evaluate").stdout
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
    assert len(told["values"]) == len(told["event_ids"])  # type: ignore[arg-type]
    assert len(told["values"][0]) == len(told["fields"])  # type: ignore[arg-type, index]


def test_report_writes_one_file_or_says_why_not(home: Path, tmp_path: Path) -> None:
    answer(home, "annotations", "export", str(tmp_path / "labels.csv"))
    session = str(pd.read_csv(tmp_path / "labels.csv")["session_id"].iloc[0])
    told = answer(home, "report", "--session", session, "--out", str(tmp_path / "story.html"), "--lang", "zh")
    html = (tmp_path / "story.html").read_text(encoding="utf-8")
    assert told["bytes"] == len(html.encode())
    assert session in html
    assert "一次会话的来龙去脉" in html
    refused = intentlens(home, "report", "--session", session, "--out", str(tmp_path / "story.docx"))
    assert (refused.returncode, "story.docx" in refused.stderr) == (2, True)


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
    ended = intentlens(home, *arguments)
    assert ended.returncode == 1
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr
    as_json = intentlens(home, *arguments, "--json")
    error = next(line for line in as_json.stderr.splitlines() if line.startswith("{"))
    assert set(json.loads(error)["error"]) == {"code", "message"}


def test_a_busy_data_folder_is_said_not_waited_for(tmp_path: Path) -> None:
    warehouse = Warehouse.open(Settings(home=tmp_path, sample_shop=False))
    try:
        ended = intentlens(tmp_path, "annotations", "export", str(tmp_path / "labels.jsonl"))
    finally:
        warehouse.close()
    assert ended.returncode == 1
    assert f"process {os.getpid()}" in ended.stderr


def test_every_command_explains_itself(tmp_path: Path) -> None:
    from app.cli.main import main

    for name in main.commands:
        ended = intentlens(tmp_path, name, "--help")
        assert ended.returncode == 0
        assert "Usage" in ended.stdout
