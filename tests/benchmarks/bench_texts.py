"""Texts alone, on real public sets, beside the published figures and TF-IDF with logistic regression.

Run: .venv/bin/python -m tests.benchmarks.bench_texts --data FOLDER [--set eprstmt] [--row ...]
FOLDER holds eprstmt, banking77, clinc150 and hint3 as published. Every row trains by the product's own text job (for
eprstmt by its learner) on the labelled texts it names; test texts are only answered. The TF-IDF row learns from the
same labels by the same n-grams.
"""

import csv
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from sklearn.metrics import f1_score

from core.model.text_classifier import TextClassifier, TextReader, TextViews, make_vectorizer
from core.training.texts import task
from core.training.texts.arguments import read_text_arguments
from core.training.texts.examples import TextExamples
from core.training.texts.fitting import fit_linear
from core.training.texts.learner import TextLearner
from tests.benchmarks.bench_model import Context, Spec

Pair = tuple[str, str]
Answering = Callable[[list[str]], list[str]]
EPRSTMT_WORDS = {"Positive": ["满意", "不错", "喜欢"], "Negative": ["不满意", "失望", "垃圾", "差"]}
LABELS_A_CLASS = 10
OUT_OF_SCOPE = "oos"
HINT3_NONE = "NO_NODES_DETECTED"
HINT3_BERT = {"sofmattress": 0.736, "curekart": 0.836, "powerplay11": 0.585}


def trained(pairs: list[Pair], arguments: dict[str, Any], seed: int = 0, unlabelled: list[str] | None = None) -> Any:
    """A text model by the job's own function."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "snapshot").mkdir()
        _write(folder / "snapshot" / "texts.jsonl", [{"text": text, "intent": intent} for text, intent in pairs])
        if unlabelled:
            _write(folder / "snapshot" / "unlabelled.jsonl", [{"text": text} for text in unlabelled])
        spec = Spec(folder / "snapshot", folder / "model", arguments, seed=seed, threads=torch.get_num_threads())
        task.run(Context(spec))
        return TextClassifier.load(folder / "model")


def tfidf(pairs: list[Pair], asked: list[str]) -> list[str]:
    """Answers of TF-IDF with logistic regression."""
    intents = sorted({intent for _, intent in pairs})
    vectorizer = make_vectorizer(50_000)
    features = vectorizer.fit_transform([text for text, _ in pairs])
    linear = fit_linear(features, np.array([intents.index(intent) for _, intent in pairs]), len(intents), 10.0)
    return [intents[place] for place in linear.log_probabilities(vectorizer.transform(asked)).argmax(axis=1)]


def likeliest(model: TextClassifier, asked: list[str]) -> list[str]:
    """Answers without abstaining."""
    return [model.intents[place] for place in model.probabilities(asked).argmax(axis=1)]


def accuracy(answers: list[str], pairs: list[Pair]) -> float:
    return float(np.mean([answer == intent for answer, (_, intent) in zip(answers, pairs, strict=True)]))


def eprstmt(data: Path, rows: tuple[str, ...], seeds: Sequence[int]) -> None:
    """32 labels, 19.5 k unlabelled reviews; the seeds are its five splits."""
    folder = data / "eprstmt"
    unlabelled = [row["sentence"] for row in _lines(folder / "unlabeled.json")]
    test = _reviews(folder / "test_public.json")
    offered: dict[str, dict[str, Any] | None] = {
        "tfidf": None,
        "labels": {"text_encoder": "none", "self_training": "off"},
        "self": {"text_encoder": "none", "self_training": "on"},
        "words": {"text_encoder": "none", "self_training": "on", "words": EPRSTMT_WORDS},
        "own": {"text_encoder": "own", "self_training": "on", "words": EPRSTMT_WORDS},
    }
    print(f"| eprstmt, 32 labels | dev (32 a split) | test accuracy, mean ± sd of {len(seeds)} splits |")
    print("|---|---|---|")
    parts = [_reviews(folder / f"train_{split}.json") for split in seeds]
    devs = [_reviews(folder / f"dev_{split}.json") for split in seeds]
    for row in rows or offered:
        arguments = offered[row]
        answering = _by_tfidf(parts) if arguments is None else _by_learner(parts, unlabelled, arguments)
        reached = [
            (accuracy(answers([text for text, _ in dev]), dev), accuracy(answers([text for text, _ in test]), test))
            for answers, dev in zip(answering, devs, strict=True)
        ]
        print(f"| {row} | {_spread([d for d, _ in reached])} | {_spread([t for _, t in reached])} |", flush=True)
    print("| published, 12-layer RoBERTa: fine-tuning / PET / P-tuning / human | | 0.654 / 0.867 / 0.883 / 0.900 |")


def _by_tfidf(parts: list[list[Pair]]) -> Iterator[Answering]:
    for pairs in parts:
        yield partial(tfidf, pairs)


def _by_learner(parts: list[list[Pair]], unlabelled: list[str], arguments: dict[str, Any]) -> Iterator[Answering]:
    """Each split by the job's own learner. One learner for all, so that texts are read, and an own encoder is taught,
    once; no fit sees a label of another split."""
    pairs = [pair for part in parts for pair in part]
    intents = tuple(sorted({intent for _, intent in pairs}))
    labels = np.array([intents.index(intent) for _, intent in pairs])
    examples = TextExamples(intents, tuple(text for text, _ in pairs), labels, tuple(sorted(set(unlabelled))))
    nowhere = Spec(Path(), Path())
    learner = TextLearner(Context(nowhere), read_text_arguments(arguments), examples)
    begin = 0
    for part in parts:
        rows = np.arange(begin, begin + len(part))
        reader, views = learner.fit(rows, "split", self_training=arguments["self_training"] == "on")
        yield partial(_read_and_answer, reader, views, intents)
        begin += len(part)


def _read_and_answer(reader: TextReader, views: TextViews, intents: tuple[str, ...], asked: list[str]) -> list[str]:
    return [intents[place] for place in views.logits(reader.read(asked)).argmax(axis=1)]


def banking77(data: Path, rows: tuple[str, ...], seeds: Sequence[int]) -> None:
    """Ten labels a class, drawn by seed."""
    train = [(row["text"], row["category"]) for row in _rows(data / "banking77" / "train.csv")]
    test = [(row["text"], row["category"]) for row in _rows(data / "banking77" / "test.csv")]
    offered: dict[str, dict[str, Any] | None] = {
        "tfidf": None,
        "minilm": {"text_encoder": "minilm", "self_training": "off"},
        "contrastive": {"text_encoder": "minilm", "self_training": "off", "tuning": "contrastive"},
    }
    print(f"| banking77, {LABELS_A_CLASS} labels a class, mean ± sd of {len(seeds)} draws | accuracy | macro-F1 |")
    print("|---|---|---|")
    for row in rows or offered:
        reached = []
        for seed in seeds:
            pairs, arguments = list(_few_a_class(train, seed)), offered[row]
            texts = [text for text, _ in test]
            answers = tfidf(pairs, texts) if arguments is None else likeliest(trained(pairs, arguments, seed), texts)
            f1 = f1_score([intent for _, intent in test], answers, average="macro", zero_division=0.0)
            reached.append((accuracy(answers, test), float(f1)))
        print(f"| {row} | {_spread([a for a, _ in reached])} | {_spread([f for _, f in reached])} |", flush=True)
    print("| published, USE + ConveRT (Casanueva et al. 2020, Table 3) | 0.852 | |")


def clinc150(data: Path, rows: tuple[str, ...], seeds: Sequence[int]) -> None:
    """150 intents and out-of-scope texts; no out-of-scope text is ever trained on."""
    parts = json.loads((data / "clinc150" / "data_full.json").read_text(encoding="utf-8"))
    train, val, test = ([(text, intent) for text, intent in parts[name]] for name in ("train", "val", "test"))
    outside_val, outside = ([text for text, _ in parts[name]] for name in ("oos_val", "oos_test"))
    texts = [text for text, _ in test]
    print(
        "| clinc150, full | in-scope accuracy | out-of-scope recall | in-scope, never abstaining |\n|---|---|---|---|"
    )
    offered: dict[str, dict[str, Any] | None] = {
        "tfidf": {"text_encoder": "none"},
        "minilm": {"text_encoder": "minilm"},
        "contrastive": {"text_encoder": "minilm", "tuning": "contrastive", "tuning_epochs": 1},
    }
    for row in rows or offered:
        asked = {"self_training": "off", "wanted_accuracy": 0.97, "most_ngrams": 20_000}
        model = trained(train, asked | (offered[row] or {}))
        inside, beyond = model.probabilities(texts), model.probabilities(outside)
        chosen = _threshold(model, val, outside_val)
        for name, least in (
            ("threshold chosen with 100 out-of-scope texts", chosen),
            ("threshold of the job: 97 % of answers right, no out-of-scope text seen", model.abstain_below),
        ):
            model.abstain_below = least
            kept, plain = accuracy(model.answers(inside), test), accuracy(likeliest_of(model, inside), test)
            recall = float(np.mean([answer is None for answer in model.answers(beyond)]))
            print(f"| {row}, {name} | {kept:.3f} | {recall:.3f} | {plain:.3f} |", flush=True)
    print("| published, BERT, threshold (Larson et al. 2019, Table 1) | 0.962 | 0.523 | |")


def hint3(data: Path, rows: tuple[str, ...], seeds: Sequence[int]) -> None:
    """Live bots' questions, most of them out of scope; in-scope accuracy when answers below 0.1 are withheld.

    Intents with one text are not learned, and count as wrong.
    """
    print("| hint3 | in-scope accuracy, threshold 0.1 | published BERT |\n|---|---|---|")
    for bot, published in HINT3_BERT.items():
        train = [(row["sentence"], row["label"]) for row in _rows(data / "hint3" / "v1" / "train" / f"{bot}_train.csv")]
        test = [(row["sentence"], row["label"]) for row in _rows(data / "hint3" / "v1" / "test" / f"{bot}_test.csv")]
        inside = [pair for pair in test if pair[1] != HINT3_NONE]
        counts = Counter(intent for _, intent in train)
        learned = [pair for pair in train if counts[pair[1]] > 1]
        model = trained(learned, {"text_encoder": "minilm", "self_training": "off"})
        model.abstain_below = 0.1
        texts = [text for text, _ in inside]
        reached = accuracy(model.answers(model.probabilities(texts)), inside)
        print(f"| {bot}, minilm | {reached:.3f} | {published:.3f} |")
        print(f"| {bot}, tfidf (never withholds) | {accuracy(tfidf(train, texts), inside):.3f} | |", flush=True)


def likeliest_of(model: TextClassifier, probabilities: np.ndarray) -> list[str]:
    return [model.intents[place] for place in probabilities.argmax(axis=1)]


def _threshold(model: TextClassifier, inside: list[Pair], outside: list[str]) -> float:
    """The confidence below which to abstain, right most often on validation texts in and out of scope alike."""
    probabilities = model.probabilities([*(text for text, _ in inside), *outside])
    confidence = probabilities.max(axis=1)
    truth = [*(intent for _, intent in inside), *([OUT_OF_SCOPE] * len(outside))]
    right = np.array(likeliest_of(model, probabilities)) == np.array(truth)
    is_outside = np.arange(len(truth)) >= len(inside)
    steps = np.linspace(0, 1, 201)
    scores = [np.mean(np.where(confidence < step, is_outside, right)) for step in steps]
    return float(steps[int(np.argmax(scores))])


def _few_a_class(pairs: list[Pair], seed: int) -> Iterator[Pair]:
    random = np.random.default_rng(seed)
    for intent in sorted({intent for _, intent in pairs}):
        of_intent = [pair for pair in pairs if pair[1] == intent]
        for place in random.choice(len(of_intent), LABELS_A_CLASS, replace=False):
            yield of_intent[place]


def _reviews(path: Path) -> list[Pair]:
    return [(row["sentence"], row["label"]) for row in _lines(path)]


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def _spread(values: list[float]) -> str:
    return f"{np.mean(values):.3f} ± {np.std(values):.3f}"


SETS: dict[str, Callable[[Path, tuple[str, ...], Sequence[int]], None]] = {
    "eprstmt": eprstmt,
    "banking77": banking77,
    "clinc150": clinc150,
    "hint3": hint3,
}


@click.command()
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Where the sets lie.")
@click.option("--set", "sets", multiple=True, type=click.Choice([*SETS]), help="Which; all by default.")
@click.option("--row", "rows", multiple=True, help="Which rows; all by default.")
@click.option("--seed", "seeds", multiple=True, type=int, help="Draws of labels, or splits; five by default.")
@click.option("--threads", default=2, show_default=True)
def main(data: Path | None, sets: tuple[str, ...], rows: tuple[str, ...], seeds: tuple[int, ...], threads: int) -> None:
    """Print the tables."""
    if data is None:
        print("The public sets are not part of the project; name their folder by --data.")
        return
    torch.set_num_threads(threads)
    for name in sets or SETS:
        SETS[name](data, rows, seeds or range(5))
        print()


if __name__ == "__main__":
    main()
