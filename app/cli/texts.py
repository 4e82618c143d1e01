"""`intentlens texts`: intents of texts alone, by a file of labelled texts or the shop's own labelled messages."""

import csv
import io
from pathlib import Path
from typing import Any

import click

from app.cli.home import common_options, opened, settings_of
from app.cli.jobs import Order, run_job
from app.cli.output import OutputFile, say, table
from core.errors import InvalidSettingError
from core.registry.text_models import TextModelRecord, get_text_model

TUNINGS = ("frozen", "contrastive")
SELF_TRAINING = ("auto", "on", "off")
"""As core.training.texts.arguments names them (a test holds that), which loads heavy libraries."""

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def texts() -> None:
    """Intents of texts alone: customer messages, reviews, queries."""


@texts.command("train")
@click.argument("file", type=_FILE, required=False)
@click.option("--unlabelled", type=_FILE, help="More texts, column `text`; the model learns from them without labels.")
@click.option("--text-encoder", default="own", show_default=True, help="own, none, minilm, or a folder or name.")
@click.option("--tuning", type=click.Choice(TUNINGS), default="frozen", show_default=True)
@click.option("--self-training", type=click.Choice(SELF_TRAINING), default="auto", show_default=True)
@click.option("--words", multiple=True, help="INTENT=word,word: words that nearly always speak for an intent.")
@click.option("--wanted-accuracy", type=click.FloatRange(0, 1, max_open=True), default=0.0, show_default=True)
@click.option("--seed", default=0, show_default=True)
@common_options
def train(
    file: Path | None,
    unlabelled: Path | None,
    text_encoder: str,
    tuning: str,
    self_training: str,
    words: tuple[str, ...],
    wanted_accuracy: float,
    seed: int,
    home: str | None,
    as_json: bool,
) -> None:
    """Train a text model on FILE (CSV, JSON Lines or Parquet with the columns `text` and `intent`).

    Without FILE on the shop's labelled events that carry a message or a query. Below the confidence that reaches the
    wanted accuracy the model abstains.
    """
    folder = Path(text_encoder)
    arguments: dict[str, Any] = {
        "text_encoder": str(folder.absolute()) if folder.is_dir() else text_encoder,
        "tuning": tuning,
        "self_training": self_training,
        "words": _words(words),
        "wanted_accuracy": wanted_accuracy,
    }
    given = {"texts": file, "unlabelled": unlabelled}
    files = {stem: path for stem, path in given.items() if path is not None}
    with opened(home, create=file is not None) as warehouse:
        done = run_job(warehouse, Order("text", arguments, seed, files=files), as_json=as_json)
        record = get_text_model(warehouse.settings, done.run.run_id)
    say(_about(record), _words_about(record), as_json=as_json)


@texts.command("predict")
@click.argument("file", type=_FILE, required=False)
@click.option("--text", "given", multiple=True, help="A text, in place of FILE; can be repeated.")
@click.option("--model", "model_id", help="A text model's id; the newest without.")
@click.option(
    "--out", type=OutputFile(), help="A CSV file to write: text, intent, confidence; empty intent = abstains."
)
@common_options
def predict(
    file: Path | None, given: tuple[str, ...], model_id: str | None, out: Path | None, home: str | None, as_json: bool
) -> None:
    """Say the intent of each text of FILE (column `text`), or abstain."""
    from core.model.text_classifier import TextClassifier  # heavy: help must not load it
    from core.training.texts.examples import read_table

    record = get_text_model(settings_of(home), model_id)
    asked = [*given, *(read_table(file, ("text",))["text"] if file is not None else [])]
    if not asked:
        raise InvalidSettingError("No text is given, expected FILE or --text 'where is my parcel'.")
    classifier = TextClassifier.load(record.folder)
    probabilities = classifier.probabilities(asked)
    answers = classifier.answers(probabilities)
    rows = [
        {"text": text, "intent": intent, "confidence": round(float(likely), 6), "abstained": intent is None}
        for text, intent, likely in zip(asked, answers, probabilities.max(axis=1), strict=True)
    ]
    if out is not None:
        out.write_text(_csv(rows), encoding="utf-8")
    silent = sum(row["abstained"] for row in rows)
    words = (
        f"{len(rows)} texts answered by {record.model_id} in {out}, {silent} of them abstained" if out else _csv(rows)
    )
    result = {"model_id": record.model_id, "texts": len(rows), "abstained": silent}
    say(result | ({"file": str(out)} if out else {"answers": rows}), words.rstrip(), as_json=as_json)


def _words(options: tuple[str, ...]) -> dict[str, list[str]]:
    words: dict[str, list[str]] = {}
    for option in options:
        intent, equals, listed = option.partition("=")
        found = [word.strip() for word in listed.replace("，", ",").split(",") if word.strip()]
        if not equals or not found:
            raise InvalidSettingError(f"--words is '{option}', expected INTENT=word,word")
        words.setdefault(intent.strip(), []).extend(found)
    return words


def _about(record: TextModelRecord) -> dict[str, Any]:
    kept = ("intents", "labels", "unlabelled", "self_training", "text_encoder", "abstain_below", "metrics", "baselines")
    return {"model_id": record.model_id} | {name: record.card[name] for name in kept}


def _words_about(record: TextModelRecord) -> str:
    card = record.card
    measured = {record.model_id: card["metrics"]} | card["baselines"]
    head = ["", "accuracy", "macro-F1", "95 % interval", "ECE"]
    rows = [head, *(_row(name, figures) for name, figures in measured.items())]
    abstaining = card["metrics"]["abstaining"]
    learned = "and learned from them" if card["self_training"] else "but learned better without them"
    lines = [
        f"{record.model_id}: {card['labels']} labelled texts, cross-validated; {card['unlabelled']} unlabelled",
        table(rows, "<>>>>"),
    ]
    if card["unlabelled"]:
        lines[0] += f" {learned}"
    if card["abstain_below"] > 0:
        lines.append(
            f"It abstains below a confidence of {card['abstain_below']:.3f}: measured on other texts than those that "
            f"chose it, it answers {abstaining['coverage']:.0%}, of these {abstaining['accuracy'] or 0:.1%} rightly."
        )
    return "\n\n".join(lines)


def _row(name: str, figures: dict[str, Any]) -> list[str]:
    low, high = figures["macro_f1_interval"]
    cells = [f"{figures[key]:.3f}" for key in ("accuracy", "macro_f1")]
    return [name, *cells, f"{low:.3f} to {high:.3f}", f"{figures['ece']:.3f}"]


def _csv(rows: list[dict[str, Any]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("text", "intent", "confidence"))
    writer.writerows((row["text"], row["intent"] or "", row["confidence"]) for row in rows)
    return file.getvalue()
