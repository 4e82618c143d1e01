"""`intentlens taxonomy`: shown, taken out, edited elsewhere and brought back."""

import json
from pathlib import Path

from tests.app.cli.calling import call, error_of, told


def test_a_taxonomy_goes_out_is_edited_and_comes_back(shop_home: Path, tmp_path: Path) -> None:
    before = told(call(shop_home, "taxonomy", "show", "--json"))
    assert [one["state"] for one in before["intents"]] == ["offered"] * len(before["intents"])
    assert "purchase" in call(shop_home, "taxonomy", "show").stdout
    file = tmp_path / "intents.json"
    assert told(call(shop_home, "taxonomy", "export", str(file), "--json"))["intents"] == len(before["intents"])
    assert "Nothing differs" in call(shop_home, "taxonomy", "import", str(file)).stdout

    edited = json.loads(file.read_text(encoding="utf-8"))
    edited["intents"] = [one for one in edited["intents"] if one["id"] != "deal"]
    next(one for one in edited["intents"] if one["id"] == "browse")["name"]["en"] = "Stroll"
    file.write_text("\ufeff" + json.dumps(edited, ensure_ascii=False), encoding="utf-8")
    planned = call(shop_home, "taxonomy", "import", str(file), "--check").stdout
    assert "2 intents would change: browse, deal" in planned
    assert "+ name (en): Stroll" in planned
    assert told(call(shop_home, "taxonomy", "show", "--json"))["version"] == before["version"]

    done = told(call(shop_home, "taxonomy", "import", str(file), "--author", "mia", "--json"))
    assert (done["version"], sorted(done["changed"])) == (before["version"] + 1, ["browse", "deal"])
    after = {one["id"]: one for one in told(call(shop_home, "taxonomy", "show", "--all", "--json"))["intents"]}
    assert (after["browse"]["name"]["en"], after["deal"]["state"]) == ("Stroll", "retired")


def test_a_file_that_is_no_taxonomy_is_refused_and_changes_nothing(shop_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    for content in (b"{}", b"\xff\xfe", b"[1"):
        file.write_bytes(content)
        assert error_of(call(shop_home, "taxonomy", "import", str(file), "--json"))["code"] == "invalid_taxonomy"
