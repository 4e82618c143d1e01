"""The card as people read it: an approved file, limits drawn from the figures, and a head that Hugging Face accepts."""

from pathlib import Path
from typing import Any

from huggingface_hub import ModelCard

from core.registry.card_text import card_markdown, front_matter, limits

APPROVED = Path(__file__).parent / "approved" / "card.md"


def card(**changes: Any) -> dict[str, Any]:
    """A finetuned model's card with round figures."""
    figures = {"f1": 0.8, "precision": 0.75, "recall": 0.85, "pr_auc": 0.9, "base_rate": 0.5, "support": 30}
    metrics = {
        "macro_f1": 0.8,
        "macro_f1_interval": [0.7, 0.9],
        "ece": 0.05,
        "brier": 0.3,
        "labels": 60,
        "per_intent": [figures, figures | {"support": 4, "pr_auc": None}],
    }
    trees = metrics | {"macro_f1": 0.7, "macro_f1_interval": [0.6, 0.8], "ece": 0.12}
    return {
        "model_id": "finetune-1",
        "kind": "finetuned",
        "parent": "pretrain-1",
        "intents": ["browse", "purchase"],
        "labels": 250,
        "events": 1000,
        "seed": 7,
        "snapshot_id": "86c75cada7b8",
        "code_version": "0.1.0+g374b323c0ffe",
        "library_versions": {"torch": "2.13.0", "python": "3.11.7"},
        "training_seconds": 31.4,
        "created_at": "2026-05-31T08:00:00",
        "recipe": {"recipe": "full", "epochs": 20},
        "metrics": metrics,
        "baselines": {"trees": trees, "base_rate": trees | {"macro_f1": 0.2, "macro_f1_interval": None}},
    } | changes


def test_the_card_reads_as_approved() -> None:
    """After a wanted change: write `front_matter(card()) + card_markdown(card())` to the approved file and read it."""
    assert front_matter(card()) + "\n" + card_markdown(card()) == APPROVED.read_text(encoding="utf-8")


def test_hugging_face_reads_the_head_and_finds_the_score() -> None:
    read = ModelCard(front_matter(card()) + card_markdown(card()))
    results = read.data.eval_results
    assert results is not None
    assert (results[0].metric_name, results[0].metric_value) == ("macro-F1", 0.8)
    assert read.data.library_name == "transformers"


def test_limits_follow_from_the_figures() -> None:
    assert limits(card()) == ["Fewer than 10 held-out labels stand behind the figures of: purchase."]
    poor = card(labels=20)
    poor["metrics"] = poor["metrics"] | {"ece": 0.2, "macro_f1": 0.6, "per_intent": []}
    found = " ".join(limits(poor))
    for needed in ("learned from 20 labels only", "off by 0.20", "behind: boosted trees."):
        assert needed in found


def test_a_pretrained_models_card_has_no_figures_and_says_so() -> None:
    text = card_markdown(card(kind="pretrained", metrics={"loss": 1.0}, baselines={}, intents=[]))
    assert "only pretrained: it knows no intents yet" in text
    assert "macro-F1" not in text
