"""The model card as Markdown: the README of an exported folder, and what the Train page shows."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

INTENDED_USE: str = (
    "Saying what the visitors of the shop it was trained on are trying to do, at every event, for analysis, for "
    "recommendations and for help on the page. People see why by the heatmap and correct it by labels. Not for "
    "decisions that matter to a person (prices, credit, access, employment), nor for another shop's logs without "
    "training anew."
)
_FEW_LABELS = 100
_FEW_OF_INTENT = 10
_POOR_CALIBRATION = 0.1
_FIGURES = ("f1", "precision", "recall", "pr_auc", "base_rate")
_BASELINE_NAMES = {"trees": "boosted trees", "kgram": "k-grams", "base_rate": "base rate"}


def limits(card: Mapping[str, Any]) -> list[str]:
    """Where not to trust the model, as far as its figures tell."""
    metrics, intents = card.get("metrics") or {}, card.get("intents") or []
    found = [] if card.get("kind") == "finetuned" else ["It is only pretrained: it knows no intents yet."]
    if 0 < (labels := int(card.get("labels") or 0)) < _FEW_LABELS:
        found.append(f"It learned from {labels} labels only.")
    per_intent = dict(zip(intents, metrics.get("per_intent") or [], strict=False))
    few = [name for name, figures in per_intent.items() if figures["support"] < _FEW_OF_INTENT]
    if few:
        found.append(f"Fewer than {_FEW_OF_INTENT} held-out labels stand behind the figures of: {', '.join(few)}.")
    if (error := metrics.get("ece")) is not None and error > _POOR_CALIBRATION:
        found.append(f"Its probabilities are off by {error:.2f} on average; read them as an order, not as chances.")
    behind = [
        _BASELINE_NAMES.get(name, name)
        for name, baseline in (card.get("baselines") or {}).items()
        if (metrics.get("macro_f1") or 0.0) < (baseline.get("macro_f1") or 0.0)
    ]
    if behind:
        found.append(f"On the held-out labels it is behind: {', '.join(behind)}.")
    return found


def card_markdown(card: Mapping[str, Any]) -> str:
    """The whole card under its title; figures carry their interval, their base rate or the number of labels."""
    parts = [
        f"# {card.get('model_id')}",
        _summary(card),
        "## Intended use",
        str(card.get("intended_use") or INTENDED_USE),
        "## Limits",
        "\n".join(f"- {limit}" for limit in card.get("limits") or limits(card)) or "None that its figures show.",
        *_measured(card),
        "## How it was made",
        _provenance(card),
        "### Recipe",
        "```json\n" + json.dumps(card.get("recipe") or {}, ensure_ascii=False, indent=2, sort_keys=True) + "\n```",
    ]
    return "\n\n".join(parts) + "\n"


def front_matter(card: Mapping[str, Any]) -> str:
    """The YAML block that Hugging Face reads; every value is JSON, which YAML contains."""
    about: dict[str, Any] = {
        "library_name": "transformers",
        "language": ["en", "zh"],
        "tags": ["intentlens", "clickstream", "shopping-intent"],
    }
    if score := _score(card):
        about["model-index"] = [{"name": str(card.get("model_id")), "results": [score]}]
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in about.items()]
    return "\n".join(["---", *lines, "---"]) + "\n"


def _score(card: Mapping[str, Any]) -> dict[str, Any] | None:
    score = (card.get("metrics") or {}).get("macro_f1")
    if score is None:
        return None
    return {
        "task": {"type": "text-classification", "name": "shopping intent at every event"},
        "dataset": {"type": "private", "name": f"held-out labels of snapshot {str(card.get('snapshot_id'))[:12]}"},
        "metrics": [{"type": "f1", "name": "macro-F1", "value": round(score, 4)}],
    }


def _summary(card: Mapping[str, Any]) -> str:
    if card.get("kind") != "finetuned":
        return "An IntentLens session model, pretrained on behaviour logs without labels."
    return (
        "An IntentLens session model: a causal transformer over a visitor's events that answers at every event with "
        f"the probability of each intent: {', '.join(card.get('intents') or [])}."
    )


def _measured(card: Mapping[str, Any]) -> list[str]:
    metrics = card.get("metrics") or {}
    if "macro_f1" not in metrics:
        return []
    compared = [(str(card.get("model_id")), metrics)]
    baselines = card.get("baselines") or {}
    compared += [(name, baselines[key]) for key, name in _BASELINE_NAMES.items() if key in baselines]
    rows = [
        (name, _figure(found.get("macro_f1")), _interval(found), _figure(found.get("ece")), _figure(found.get("brier")))
        for name, found in compared
    ]
    by_intent = [
        (intent, *(_figure(figures.get(key)) for key in _FIGURES), str(figures.get("support", 0)))
        for intent, figures in zip(card.get("intents") or [], metrics.get("per_intent") or [], strict=False)
    ]
    return [
        f"## Figures on {metrics.get('labels', 0)} held-out labels",
        f"{_held_out(card)}; the baselines learned from the same rows. Intervals: 95 %, over visitors.",
        _table(("", "macro-F1", "95 % interval", "calibration error", "Brier"), rows),
        _table(("intent", "F1", "precision", "recall", "PR-AUC", "base rate", "labels"), by_intent),
    ]


def _held_out(card: Mapping[str, Any]) -> str:
    by_lot = (card.get("held_out") or {}).get("how") == "random"
    return "Of sessions drawn at random, held out by visitor" if by_lot else "Held out by time and by visitor"


def _provenance(card: Mapping[str, Any]) -> str:
    seconds = card.get("training_seconds")
    versions = card.get("library_versions") or {}
    rows = [
        ("kind", card.get("kind")),
        ("made from", card.get("parent") or "nothing, trained afresh"),
        ("data snapshot (SHA-256)", card.get("snapshot_id")),
        ("events", card.get("events")),
        ("labels", card.get("labels") if card.get("kind") == "finetuned" else None),
        ("sessions labelled by rules alone", card.get("weak_labels") or None),
        ("new labels", card.get("new_labels")),
        ("replayed labels", card.get("replayed")),
        ("seed", card.get("seed")),
        ("code", card.get("code_version")),
        ("training time", None if seconds is None else f"{seconds:.0f} s"),
        ("made at (UTC)", card.get("created_at")),
        ("libraries", ", ".join(f"{name} {version}" for name, version in sorted(versions.items())) or None),
    ]
    return _table(("what", "value"), [(name, str(value)) for name, value in rows if value is not None])


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _interval(found: Mapping[str, Any]) -> str:
    interval = found.get("macro_f1_interval")
    return "-" if not interval else f"{_figure(interval[0])} to {_figure(interval[1])}"


def _figure(value: float | None) -> str:
    return "-" if value is None or value != value else f"{value:.3f}"
