"""The text job learns a planted rule, not noise; learns from unlabelled texts; saves what it can answer again."""

import json
from pathlib import Path

import numpy as np
import pytest

from core.errors import (
    BrokenCheckpointError,
    InvalidSettingError,
    JobStoppedError,
    TooFewLabelsError,
    UnreadableFileError,
)
from core.model.foreign_encoder import ForeignTextEncoder
from core.model.text_classifier import TEXT_CARD, TextClassifier
from core.training.texts import task
from core.training.texts.examples import read_examples
from tests.core.model.encoders import save_text_encoder
from tests.core.model.shop import make_shop
from tests.core.training.support import Context, Spec, write_snapshot
from tests.core.training.texts.messages import WORDS, few_of_each, messages, write_texts

PLAIN = {"text_encoder": "none", "self_training": "off"}


def _trained(folder: Path, snapshot: Path, arguments: dict[str, object], seed: int = 0) -> TextClassifier:
    task.run(Context(Spec(snapshot, folder, arguments, seed=seed)))
    return TextClassifier.load(folder)


def _accuracy(model: TextClassifier, seed: int = 99) -> float:
    pairs = messages(300, seed)
    guessed = model.probabilities([text for text, _ in pairs]).argmax(axis=1)
    return float(np.mean([model.intents[place] == intent for place, (_, intent) in zip(guessed, pairs, strict=True)]))


def test_it_learns_a_planted_rule_and_no_noise(tmp_path: Path) -> None:
    snapshot = write_texts(tmp_path / "texts", messages(90, 1))
    model = _trained(tmp_path / "model", snapshot, PLAIN)
    assert _accuracy(model) > 0.95
    assert model.card["metrics"]["accuracy"] > 0.9
    noise = write_texts(tmp_path / "noise", messages(90, 1, informative=False))
    metrics = task.run(Context(Spec(noise, tmp_path / "nothing", PLAIN)))["metrics"]
    assert metrics["accuracy"] < 0.5


def test_unlabelled_texts_help_where_labels_are_few(tmp_path: Path) -> None:
    unlabelled = [text for text, _ in messages(300, 5)]
    snapshot = write_texts(tmp_path / "texts", few_of_each(messages(60, 2), 2), unlabelled)
    plain = _trained(tmp_path / "plain", snapshot, PLAIN)
    taught = _trained(tmp_path / "taught", snapshot, {"text_encoder": "none", "self_training": "on"})
    assert taught.card["self_training"] is True
    assert _accuracy(taught) > _accuracy(plain) + 0.05


def test_words_of_an_intent_are_worth_more_than_labels(tmp_path: Path) -> None:
    unlabelled = [text for text, _ in messages(300, 5)]
    pairs = few_of_each(messages(60, 2, informative=False), 2)  # labels that say nothing
    snapshot = write_texts(tmp_path / "texts", pairs, unlabelled)
    words = {intent: [given[0], given[2]] for intent, given in WORDS.items()}
    arguments = {"text_encoder": "none", "self_training": "on"}
    with_words = _accuracy(_trained(tmp_path / "words", snapshot, arguments | {"words": words}))
    assert with_words > 0.8
    assert with_words > _accuracy(_trained(tmp_path / "none", snapshot, arguments)) + 0.2


def test_auto_keeps_to_the_labels_where_unlabelled_texts_do_not_help(tmp_path: Path) -> None:
    snapshot = write_texts(tmp_path / "texts", messages(90, 1), ["something else entirely", "qqq", "好的 zzz"] * 3)
    model = _trained(tmp_path / "model", snapshot, {"text_encoder": "none"})
    assert model.card["self_training"] is False


def test_an_encoder_of_its_own_travels_with_the_model(tmp_path: Path) -> None:
    snapshot = write_texts(tmp_path / "texts", messages(60, 1), [text for text, _ in messages(100, 5)])
    context = Context(Spec(snapshot, tmp_path / "model", {"text_epochs": 20, "self_training": "off"}))
    task.run(context)
    losses = context.losses("texts", "masked_word")
    assert losses[-1] < losses[0]
    moved = (tmp_path / "model").rename(tmp_path / "moved")
    model = TextClassifier.load(moved)
    assert (model.card["text_encoder"], model.views.vectors is None) == ("own", False)
    assert _accuracy(model) > 0.8


def test_a_foreign_encoder_is_tuned_by_contrast(tmp_path: Path) -> None:
    pairs = few_of_each(messages(100, 2), 8)
    encoder = save_text_encoder(tmp_path / "tiny", [text for text, _ in messages(100, 5)])
    snapshot = write_texts(tmp_path / "texts", pairs)
    arguments = {"text_encoder": str(encoder), "tuning": "contrastive", "tuning_epochs": 40, "self_training": "off"}
    context = Context(Spec(snapshot, tmp_path / "model", arguments))
    task.run(context)
    losses = context.losses("tune for all labels", "contrast")
    assert losses[-1] < losses[0]
    tuned = TextClassifier.load(tmp_path / "model").reader.encoder
    assert tuned is not None
    asked = [text for text, _ in messages(5, 3)]
    assert float((tuned.encode(asked) - ForeignTextEncoder.load(str(encoder)).encode(asked)).abs().max()) > 1e-3


def test_a_saved_model_answers_the_same(tmp_path: Path) -> None:
    snapshot = write_texts(tmp_path / "texts", messages(60, 1))
    model = _trained(tmp_path / "model", snapshot, PLAIN)
    asked = ["退款 please", "物流 again", "", "\x07🛸"]
    expected = model.probabilities(asked)
    model.save(tmp_path / "again")
    np.testing.assert_allclose(TextClassifier.load(tmp_path / "again").probabilities(asked), expected, atol=1e-6)
    np.testing.assert_allclose(expected.sum(axis=1), 1.0, atol=1e-6)
    assert model.probabilities([]).shape == (0, 3)


def test_the_same_seed_gives_the_same_model(tmp_path: Path) -> None:
    snapshot = write_texts(tmp_path / "texts", messages(60, 1), [text for text, _ in messages(100, 5)])
    arguments = {"text_encoder": "own", "text_epochs": 1, "self_training": "on"}
    a, b = (_trained(tmp_path / name, snapshot, arguments, seed=4) for name in "ab")
    asked = [text for text, _ in messages(20, 7)]
    np.testing.assert_array_equal(a.probabilities(asked), b.probabilities(asked))
    assert a.card["metrics"] == b.card["metrics"]


def test_the_card_says_what_it_is_beside_its_baselines(tmp_path: Path) -> None:
    snapshot = write_texts(tmp_path / "texts", messages(90, 1))
    task.run(Context(Spec(snapshot, tmp_path / "model", PLAIN | {"wanted_accuracy": 0.95})))
    card = json.loads((tmp_path / "model" / TEXT_CARD).read_text())
    assert card["kind"] == "text"
    assert set(card["baselines"]) == {"base_rate", "tfidf"}
    assert card["baselines"]["base_rate"]["macro_f1"] < card["metrics"]["macro_f1"]
    assert card["metrics"]["curve"][-1]["coverage"] == 1.0


def test_the_shops_own_labelled_messages_are_taken_without_a_file(tmp_path: Path) -> None:
    shop = make_shop(visitors=80)
    messages_of_shop = shop.events[shop.events["text"].notna() | shop.events["query"].notna()]
    annotations = messages_of_shop.assign(
        target_kind="event", intent=shop.truth[messages_of_shop.index], annotator="a", status="submitted"
    )[["target_kind", "event_id", "session_id", "intent", "annotator", "status"]]
    snapshot = write_snapshot(
        tmp_path / "snapshot", shop, annotations.assign(created_at=shop.events["occurred_at"].max())
    )
    examples = read_examples(snapshot, 1000, 0)
    assert set(examples.intents) <= {"browse", "purchase", "support"}
    assert "退货" in examples.texts
    assert examples.intents[examples.labels[examples.texts.index("退货")]] == "support"
    assert not set(examples.unlabelled) & set(examples.texts)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"speed": 3}, "'speed'"),
        ({"tuning": "magic"}, "'magic'"),
        ({"tuning": "contrastive"}, "frozen"),
        ({"text_encoder": "somebody/none-such"}, "hf download"),
        ({"words": {"joy": ["yes"]}}, "'joy'"),
        ({"words": {"refund": ["never said"]}}, "commoner"),
    ],
)
def test_bad_arguments_are_named(tmp_path: Path, arguments: dict[str, object], told: str) -> None:
    snapshot = write_texts(tmp_path / "texts", messages(20, 1), [text for text, _ in messages(20, 5)])
    with pytest.raises(InvalidSettingError, match=told):
        task.run(Context(Spec(snapshot, tmp_path / "model", {"text_encoder": "none"} | arguments)))


def test_too_few_labels_are_named(tmp_path: Path) -> None:
    one = write_texts(tmp_path / "one", [("a", "refund"), ("b", "refund")])
    with pytest.raises(TooFewLabelsError, match="expected two intents"):
        task.run(Context(Spec(one, tmp_path / "model", PLAIN)))
    scarce = write_texts(tmp_path / "scarce", [("a", "refund"), ("b", "refund"), ("c", "parcel")])
    with pytest.raises(TooFewLabelsError, match="'parcel' has 1 labelled text"):
        task.run(Context(Spec(scarce, tmp_path / "model", PLAIN)))


def test_files_that_do_not_fit_are_named(tmp_path: Path) -> None:
    snapshot = write_texts(tmp_path / "texts", messages(30, 1))
    (snapshot / "texts.jsonl").write_text('{"sentence": "a", "intent": "b"}\n')
    with pytest.raises(UnreadableFileError, match="lacks the column 'text'"):
        task.run(Context(Spec(snapshot, tmp_path / "model", PLAIN)))
    (snapshot / "texts.jsonl").write_text("{not json")
    with pytest.raises(UnreadableFileError, match="cannot be read"):
        task.run(Context(Spec(snapshot, tmp_path / "model", PLAIN)))


def test_a_stop_is_heard(tmp_path: Path) -> None:
    snapshot = write_texts(tmp_path / "texts", messages(30, 1))
    with pytest.raises(JobStoppedError):
        task.run(Context(Spec(snapshot, tmp_path / "model", PLAIN), stop_after=1))


@pytest.mark.parametrize("file", ["text_card.json", "ngrams.json", "weights.safetensors"])
def test_a_damaged_folder_is_named(tmp_path: Path, file: str) -> None:
    snapshot = write_texts(tmp_path / "texts", messages(30, 1))
    _trained(tmp_path / "model", snapshot, PLAIN)
    path = tmp_path / "model" / file
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(BrokenCheckpointError, match="train it again"):
        TextClassifier.load(tmp_path / "model")
