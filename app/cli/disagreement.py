"""What `intentlens evaluate --against` adds: where two models disagree on the same sessions, and what speaks for it."""

from typing import Any

from app.cli.output import table
from app.models_apart import answers_apart, studies_apart
from core.registry.models import ModelRecord
from core.store.warehouse import Warehouse

MOST_PRINTED = 8
"""Differences of one kind for one intent; `--json` has all."""


def disagreement(warehouse: Warehouse, first: ModelRecord, second: ModelRecord) -> dict[str, Any]:
    """What machines are told: `answers_apart`, of no session where there is none, and with `study` `studies_apart`."""
    about = {"model_id": second.model_id, "first": first.model_id, "sessions": 0}
    answers = answers_apart(warehouse, first, second) or {}
    return about | answers | {"study": studies_apart(first, second)}


def disagreement_words(told: dict[str, Any]) -> list[str]:
    """The same for people; nothing where nothing was asked."""
    if not told:
        return []
    return [*_answers_words(told), *_study_words(told)]


def _answers_words(told: dict[str, Any]) -> list[str]:
    if not told["sessions"]:
        return [
            f"No session that {told['first']} and {told['model_id']} both answered; run `intentlens score` by both."
        ]
    agreement, kappa = told["agreement"], told["kappa"]
    heading = (
        f"beside {told['model_id']}, {told['sessions']} sessions that both {told['source'].replace('_', ' ')}: "
        f"same answer in {agreement['value']:.1%} ({agreement['low']:.1%} to {agreement['high']:.1%}), "
        f"Cohen's kappa {_figure(kappa['value'])} ({_figure(kappa['low'])} to {_figure(kappa['high'])})"
    )
    matrix = [[f"{told['first']} v", *told["intents"]]]
    matrix += [[name, *map(str, row)] for name, row in zip(told["intents"], told["confusion"], strict=True)]
    furthest = [["furthest apart", told["first"], told["model_id"], "divergence (bits)"]]
    furthest += [
        [row["session_id"], row["first"], row["second"], _figure(row["divergence"])] for row in told["furthest"]
    ]
    parts = [heading, table(matrix, "<" + ">" * len(told["intents"]))]
    return [*parts, table(furthest, "<<<>")] if len(furthest) > 1 else parts


def _study_words(told: dict[str, Any]) -> list[str]:
    """What differs beyond chance in what speaks for an intent."""
    from core.explain.study.beside import SURE  # scipy and torch, which other commands do without

    study = told["study"]
    if study["unstudied"]:
        names = ", ".join(study["unstudied"])
        return [
            f"Not studied yet: {names}; run `intentlens explanations --model` to compare what speaks for an intent."
        ]
    if len(set(study["methods"])) > 1:
        one, other = study["methods"]
        return [f"Studied by different methods ({one}, {other}): what speaks for an intent cannot be compared."]
    rows = [["differs beyond chance", "intent", told["first"], told["model_id"], "difference", "95 % interval"]]
    for kind, by_intent in study["differences"].items():
        for intent, found in by_intent.items():
            sure = [row for row in found if row["adjusted_p"] <= SURE]
            rows += [_difference(kind, intent, row) for row in sure[:MOST_PRINTED]]
    if len(rows) == 1:
        return ["What speaks for an intent: no difference beyond chance."]
    return [table(rows, "<<>>>>")]


def _difference(kind: str, intent: str, row: dict[str, Any]) -> list[str]:
    first, second, value, low, high = (f"{row[name]:+.3f}" for name in ("first", "second", "value", "low", "high"))
    return [f"{kind} {row['name']}", intent, first, second, value, f"{low} to {high}"]


def _figure(value: float | None) -> str:
    return "-" if value is None or value != value else f"{value:.2f}"
