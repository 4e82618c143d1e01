"""`intentlens annotations`: labels out and in again."""

import csv
import json
from pathlib import Path

import pytest

from tests.app.cli.calling import call, error_of, told


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_what_goes_out_comes_in_again_and_adds_nothing(ending: str, shop_home: Path, tmp_path: Path) -> None:
    path = tmp_path / f"labels.{ending}"
    out = told(call(shop_home, "annotations", "export", str(path), "--json"))
    assert out["format"] == ending
    assert out["annotations"] > 0
    back = told(call(shop_home, "annotations", "import", str(path), "--json"))
    assert (back["added"], back["duplicates"], back["rejected"]) == (0, out["annotations"], [])
    assert back["format"] == ending


def test_the_format_may_differ_from_the_ending(shop_home: Path, tmp_path: Path) -> None:
    out = told(call(shop_home, "annotations", "export", str(tmp_path / "labels.txt"), "--format", "jsonl", "--json"))
    lines = (tmp_path / "labels.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) == out["annotations"]
    assert {"target_kind", "session_id", "intent", "annotator", "created_at"} <= set(json.loads(lines[0]))


def test_lines_that_cannot_be_used_are_told_and_the_others_kept(shop_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    told(call(shop_home, "annotations", "export", str(path), "--json"))
    session = json.loads(path.read_text(encoding="utf-8").splitlines()[0])["session_id"]
    good = {"target_kind": "session", "session_id": session, "intent": "browse", "annotator": "new"}
    path.write_text("\n".join(json.dumps(line) for line in (good, good | {"intent": "fly"})), encoding="utf-8")
    result = call(shop_home, "annotations", "import", str(path))
    assert result.exit_code == 0
    assert result.stdout == "1 added, 0 there already, 1 rejected\n"
    assert "line 2: " in result.stderr
    assert "'fly'" in result.stderr


def test_a_file_of_which_no_line_can_be_used_is_a_failure(shop_home: Path, tmp_path: Path) -> None:
    (tmp_path / "labels.jsonl").write_text('{"what": 1}\n', encoding="utf-8")
    result = call(shop_home, "annotations", "import", str(tmp_path / "labels.jsonl"), "--json")
    assert error_of(result)["code"] == "invalid_annotation"


@pytest.mark.parametrize("name", ["label-studio", "doccano", "prodigy", "argilla", "datasets"])
def test_other_tools_files_go_out_and_come_in(name: str, shop_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "labels"
    out = told(call(shop_home, "annotations", "export", str(path), "--format", name, "--json"))
    back = told(call(shop_home, "annotations", "import", str(path), "--json", "--check"))
    assert (back["format"], back["added"], back["duplicates"]) == (name, 0, out["annotations"])


def test_words_of_the_file_are_mapped_and_rejected_lines_kept(shop_home: Path, tmp_path: Path) -> None:
    path, report = tmp_path / "labels.jsonl", tmp_path / "rejected.csv"
    told(call(shop_home, "annotations", "export", str(path), "--json"))
    session = json.loads(path.read_text(encoding="utf-8").splitlines()[0])["session_id"]
    line = {"target_kind": "session", "session_id": session, "annotator": "new"}
    lines = [line | {"intent": "Buy now"}, line | {"intent": "闲逛", "annotator": "newer"}, line | {"session_id": "?"}]
    path.write_text("\n".join(json.dumps(each) for each in lines), encoding="utf-8")
    arguments = ("annotations", "import", str(path), "--rejected", str(report))
    first = call(shop_home, *arguments, "--check")
    assert "'Buy now' (×1) is no intent here; say what it means by --map 'Buy now=INTENT'" in first.stderr
    done = told(call(shop_home, *arguments, "--map", "buy NOW=Purchase", "--json"))
    assert (done["added"], done["unknown_intents"]) == (2, {})
    rows = csv.reader(report.read_text(encoding="utf-8").splitlines())
    assert [row[:2] for row in rows] == [["line", "reason"], ["3", "unknown_session"]]
    bad = call(shop_home, *arguments, "--map", "Buy now=fly", "--json")
    assert "'fly'" in error_of(bad)["message"]


def test_a_folder_is_no_place_for_a_file(shop_home: Path, tmp_path: Path) -> None:
    result = call(shop_home, "annotations", "export", str(tmp_path), "--format", "csv", "--json")
    assert "is a folder" in error_of(result)["message"]
