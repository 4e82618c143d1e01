"""The model of a report: what it is, when it was trained, how well it does and on how many labels."""

from collections.abc import Mapping
from html import escape
from typing import Any

from app.i18n import t
from app.report.story import Story


def figures_html(story: Story) -> str:
    """A few rows of the model's card, and where to find it whole."""
    card = story.card
    metrics: Mapping[str, Any] = card.get("metrics") or {}
    baselines: Mapping[str, Any] = card.get("baselines") or {}
    rows = [
        ("model_id", story.heatmap.model_id),
        ("trained", str(card.get("created_at") or "–")[:16].replace("T", " ")),
        ("labels_learned", _whole(card.get("labels"))),
        ("held_out", _whole(metrics.get("labels"))),
        ("macro_f1", _with_interval(metrics)),
        ("calibration", _figure(metrics.get("ece"))),
        ("best_baseline", _best(baselines)),
        ("snapshot", str(card.get("snapshot_id") or "–")[:12]),
    ]
    told = "".join(
        f"<tr><th scope=row>{escape(t(f'report.{name}'))}</th><td>{escape(value)}</td></tr>" for name, value in rows
    )
    where = escape(t("report.card", model=story.heatmap.model_id))
    return f'<div class="scroll"><table class="numbers">{told}</table></div><p>{where}</p>'


def _with_interval(metrics: Mapping[str, Any]) -> str:
    interval, value = metrics.get("macro_f1_interval"), _figure(metrics.get("macro_f1"))
    return f"{value} ({_figure(interval[0])} – {_figure(interval[1])})" if interval else value


def _best(baselines: Mapping[str, Any]) -> str:
    scores = {name: told["macro_f1"] for name, told in baselines.items() if told.get("macro_f1") is not None}
    if not scores:
        return "–"
    name = max(scores, key=lambda one: scores[one])
    return f"{_figure(scores[name])} ({t(f'report.baseline_{name}') if name in _NAMED else name})"


_NAMED = ("trees", "kgram", "base_rate")


def _whole(value: Any) -> str:
    return "–" if value is None else str(value)


def _figure(value: float | None) -> str:
    return "–" if value is None or value != value else f"{value:.3f}"
