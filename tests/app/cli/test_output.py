"""What commands print and where they may write."""

import json
from pathlib import Path

import click
import pytest

from app.cli.output import OutputFile, say, table


def test_undefined_figures_are_null_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    say({"ece": float("nan"), "parts": [{"f1": float("inf")}, (1.5, None)], "词": "意图"}, "", as_json=True)
    printed = capsys.readouterr().out
    assert json.loads(printed) == {"ece": None, "parts": [{"f1": None}, [1.5, None]], "词": "意图"}
    assert "意图" in printed


def test_people_get_words(capsys: pytest.CaptureFixture[str]) -> None:
    say({"events": 3}, "3 events", as_json=False)
    assert capsys.readouterr().out == "3 events\n"


def test_a_table_aligns_words_left_and_figures_right() -> None:
    assert table([["", "F1"], ["deal", "0.5"], ["browse", "10.25"]], "<>").splitlines() == [
        "           F1",
        "deal      0.5",
        "browse  10.25",
    ]


def test_a_file_may_be_written_only_into_a_folder_that_is_there(tmp_path: Path) -> None:
    assert OutputFile().convert(str(tmp_path / "x.csv"), None, None) == tmp_path / "x.csv"
    with pytest.raises(click.BadParameter, match="does not exist, make it first"):
        OutputFile().convert(str(tmp_path / "nowhere" / "x.csv"), None, None)
    with pytest.raises(click.BadParameter, match="is a directory"):
        OutputFile().convert(str(tmp_path), None, None)
