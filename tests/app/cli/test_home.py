"""Which data folder a command works on, and what it says when it cannot have it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli.home import settings_of
from tests.app.cli.calling import call, error_of, start, told


def test_home_may_stand_before_or_after_the_command(events_csv: Path, tmp_path: Path) -> None:
    told(call(None, "--home", str(tmp_path / "before"), "import", str(events_csv), "--json"))
    told(call(None, "import", str(events_csv), "--home", str(tmp_path / "after"), "--json"))
    told(call(None, "--home", str(tmp_path / "before"), "annotations", "export", str(tmp_path / "x.csv"), "--json"))
    assert (tmp_path / "before" / "warehouse.duckdb").is_file()
    assert (tmp_path / "after" / "warehouse.duckdb").is_file()


def test_the_commands_own_home_wins_over_the_roots_and_that_over_the_environment(
    events_csv: Path, tmp_path: Path
) -> None:
    own, root, environment = (tmp_path / name for name in ("own", "root", "environment"))
    told(call(environment, "--home", str(root), "import", str(events_csv), "--home", str(own), "--json"))
    assert [folder.exists() for folder in (own, root, environment)] == [True, False, False]
    told(call(environment, "--home", str(root), "import", str(events_csv), "--json"))
    assert [folder.exists() for folder in (root, environment)] == [True, False]
    told(call(environment, "import", str(events_csv), "--json"))
    assert environment.exists()


@pytest.mark.parametrize("command", ["evaluate", "pretrain", "finetune", "score", "explain", "annotations"])
def test_a_mistyped_home_is_an_error_and_stays_absent(command: str, tmp_path: Path) -> None:
    more = {
        "score": ["--out", str(tmp_path / "scores.parquet")],
        "explain": ["--session", "s1"],
        "annotations": ["export", str(tmp_path / "labels.csv")],
    }
    error = error_of(call(tmp_path / "typo", command, *more.get(command, []), "--json"))
    assert error["code"] == "not_found"
    assert str(tmp_path / "typo") in error["message"]
    assert not (tmp_path / "typo").exists()


def test_a_bad_setting_is_named(tmp_path: Path) -> None:
    (tmp_path / "intentlens.toml").write_text("colour = 'red'\n", encoding="utf-8")
    assert "'colour'" in error_of(call(tmp_path, "evaluate", "--json"))["message"]


def test_an_option_left_out_leaves_the_setting_alone(tmp_path: Path) -> None:
    (tmp_path / "intentlens.toml").write_text("port = 9123\n", encoding="utf-8")
    assert settings_of(str(tmp_path), host=None, port=None).port == 9123
    assert settings_of(str(tmp_path), host=None, port=0).port == 0


def test_while_a_server_owns_the_folder_every_command_says_so_at_once(events_csv: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    server = start(home, "serve", "--port", "0")
    try:
        assert server.stdout is not None
        server.stdout.readline()
        for command in (
            ("import", str(events_csv)),
            ("annotations", "export", str(tmp_path / "labels.csv")),
            ("pretrain",),
            ("finetune",),
            ("evaluate",),
            ("score", "--out", str(tmp_path / "scores.parquet")),
            ("explain", "--session", "s1"),
        ):
            about = error_of(call(home, *command, "--json"))
            assert about["code"] == "warehouse_busy"
            assert f"process {server.pid}" in about["message"]
        second = start(home, "serve", "--port", "0", "--json")
        _, complaint = second.communicate(timeout=60)
        about = json.loads(complaint.strip().splitlines()[-1])["error"]
        assert (second.returncode, about["code"]) == (1, "warehouse_busy")
    finally:
        server.terminate()
        server.communicate(timeout=60)
    assert told(call(home, "import", str(events_csv), "--json"))["imports"][0]["added"] == 3


def test_help_loads_neither_the_learning_nor_the_page_libraries() -> None:
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom app.cli.main import main\n"
        "assert CliRunner().invoke(main, ['finetune', '--help']).exit_code == 0\n"
        "print([name for name in ('torch', 'transformers', 'captum', 'sklearn', 'streamlit') if name in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
