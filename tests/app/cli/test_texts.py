"""`intentlens texts`: train by a real job, predict, abstain, and say what is wrong."""

import csv
import io
import json
from pathlib import Path

import pytest

from app.cli.texts import SELF_TRAINING, TUNINGS
from core.registry import text_models
from tests.app.cli.calling import call, error_of, told
from tests.core.training.texts.messages import WORDS, messages


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one text model, trained by the command."""
    folder = tmp_path_factory.mktemp("texts")
    labelled = folder / "labelled.csv"
    with labelled.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "intent"), *messages(60, 1)])
    more = folder / "more.jsonl"
    more.write_text("\n".join(json.dumps({"text": text}) for text, _ in messages(60, 5)))
    options = ("--text-encoder", "none", "--wanted-accuracy", "0.95", "--words", "refund=refund,退款", "--json")
    words = ("--words", "parcel=parcel,物流", "--words", "praise=great,很好")
    about = told(call(folder / "home", "texts", "train", str(labelled), "--unlabelled", str(more), *options, *words))
    assert sorted(about["intents"]) == sorted(WORDS)
    assert about["unlabelled"] > 0
    assert about["metrics"]["macro_f1"] > about["baselines"]["base_rate"]["macro_f1"]
    return folder / "home"


def test_the_choices_are_those_of_training() -> None:
    from core.model import text_classifier
    from core.training.texts import arguments

    assert (arguments.TUNINGS, arguments.SELF_TRAINING) == (TUNINGS, SELF_TRAINING)
    assert text_classifier.TEXT_CARD == text_models.TEXT_CARD


def test_texts_are_answered_or_abstained_from(home: Path) -> None:
    about = told(call(home, "texts", "predict", "--text", "退款 wrong money please", "--text", "qqq", "--json"))
    sure, unsure = about["answers"]
    assert (sure["intent"], sure["abstained"]) == ("refund", False)
    assert unsure["abstained"] == (unsure["intent"] is None)
    assert unsure["confidence"] < sure["confidence"]


def test_a_file_is_answered_into_a_file(home: Path, tmp_path: Path) -> None:
    asked = tmp_path / "asked.csv"
    asked.write_text('text,other\n"where is my parcel, late",1\nlove it perfect,2\n', encoding="utf-8")
    out = tmp_path / "answers.csv"
    result = call(home, "texts", "predict", str(asked), "--out", str(out))
    assert result.exit_code == 0, result.stderr
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"))))
    assert [row["text"] for row in rows] == ["where is my parcel, late", "love it perfect"]
    assert [row["intent"] for row in rows] == ["parcel", "praise"]


def test_what_is_missing_is_named(home: Path, tmp_path: Path) -> None:
    assert error_of(call(home, "texts", "predict", "--json"))["code"] == "invalid_setting"
    assert (
        "'nobody'" in error_of(call(home, "texts", "predict", "--text", "a", "--model", "nobody", "--json"))["message"]
    )
    assert "texts train" in error_of(call(tmp_path, "texts", "predict", "--text", "a", "--json"))["message"]
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("sentence,label\na,b\n")
    assert "lacks the column 'text'" in error_of(call(home, "texts", "train", str(wrong), "--json"))["message"]
    assert "INTENT=word" in error_of(call(home, "texts", "train", str(wrong), "--words", "refund", "--json"))["message"]
