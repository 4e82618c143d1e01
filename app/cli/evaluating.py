"""`intentlens evaluate`: a model's figures beside its baselines'."""

from collections.abc import Mapping
from typing import Any

import click

from app.cli.disagreement import disagreement, disagreement_words
from app.cli.evaluation_tables import details_words, evaluation_details
from app.cli.home import common_options, opened
from app.cli.models import chosen_model
from app.cli.output import say, table
from core.registry.models import ModelRecord


@click.command()
@click.option("--model", "model_id", help="A model's id; the champion without.")
@click.option("--against", help="Another model's id: where the two disagree on the same sessions.")
@common_options
def evaluate(model_id: str | None, against: str | None, home: str | None, as_json: bool) -> None:
    """Show a model's figures on held-out labels beside its baselines.

    The labels were kept from model and baselines alike; the baselines learned from the same rows as the model.
    """
    with opened(home) as warehouse:
        record = chosen_model(warehouse, model_id)
        beside = {} if against is None else disagreement(warehouse, record, chosen_model(warehouse, against))
    details = evaluation_details(record)
    parts = [evaluation_words(record), *details_words(details, record.model_id), *disagreement_words(beside)]
    say(evaluation(record) | details | ({"against": beside} if beside else {}), "\n\n".join(parts), as_json=as_json)


def evaluation(record: ModelRecord) -> dict[str, Any]:
    """What machines are told of a model."""
    return {
        "model_id": record.model_id,
        "status": record.status,
        "intents": list(record.intents),
        "labels": record.card.get("labels"),
        "metrics": record.metrics,
        "baselines": record.card.get("baselines") or {},
    }


def evaluation_words(record: ModelRecord) -> str:
    """What people are told: the model beside its baselines, then intent by intent."""
    labels = record.metrics.get("labels", 0)
    heading = f"{record.model_id} ({record.status}), measured on {labels} held-out labels"
    measured = {record.model_id: record.metrics} | (record.card.get("baselines") or {})
    rows = [["", "macro-F1", "95 % interval", "ECE", "Brier"], *(_row(*entry) for entry in measured.items())]
    per_intent = record.metrics.get("per_intent") or []
    by_intent = [["", "F1", "precision", "recall", "PR-AUC", "base rate", "labels"]]
    by_intent += [_intent_row(intent, found) for intent, found in zip(record.intents, per_intent, strict=False)]
    return "\n\n".join([heading, table(rows, "<>>>>"), table(by_intent, "<>>>>>>")])


def _row(name: str, metrics: Mapping[str, Any]) -> list[str]:
    low, high = metrics.get("macro_f1_interval") or (None, None)
    figures = [_figure(metrics.get(key)) for key in ("macro_f1", "ece", "brier")]
    return [name, figures[0], f"{_figure(low)} to {_figure(high)}", *figures[1:]]


def _intent_row(intent: str, found: Mapping[str, Any]) -> list[str]:
    keys = ("f1", "precision", "recall", "pr_auc", "base_rate")
    return [intent, *(_figure(found.get(key)) for key in keys), str(found.get("support", 0))]


def _figure(value: float | None) -> str:
    return "-" if value is None or value != value else f"{value:.3f}"
