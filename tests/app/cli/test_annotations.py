"""`intentlens annotations`: labels out and in again."""

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
    assert back == {"added": 0, "duplicates": out["annotations"], "rejected": []}


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
