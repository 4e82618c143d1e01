"""Beside every heatmap: the probability, what it is measured against, and whether to trust the picture."""

from typing import TYPE_CHECKING

import streamlit as st

from app.components.parts import percent, stat_tiles
from app.i18n import t

if TYPE_CHECKING:
    from core.explain.heatmap import Heatmap

_LOOK = {"trust": (st.success, "verified"), "careful": (st.warning, "info"), "unreliable": (st.error, "warning")}


def render_summary(heatmap: "Heatmap", intent_name: str) -> None:
    """The probability, its baseline and what the events add."""
    added = (heatmap.probability - heatmap.baseline_probability) * 100
    stat_tiles(
        [
            (t("explain.probability"), percent(heatmap.probability), intent_name),
            (t("explain.baseline"), percent(heatmap.baseline_probability), t("explain.baseline_help")),
            (t("explain.change"), f"{added:+.1f}" if abs(added) >= 0.95 else f"{added:+.2f}", t("explain.change_help")),
        ]
    )


def render_reliability(heatmap: "Heatmap") -> None:
    """The verdict in words, the numbers on demand."""
    show, icon = _LOOK[heatmap.reliability]
    words = t(reliability_key(heatmap), error=f"{heatmap.relative_error:.1%}")
    show(f"**{t(f'explain.{heatmap.reliability}')}** — {words}", icon=f":material/{icon}:")
    with st.expander(t("explain.numbers")):
        _numbers(heatmap)


def reliability_key(heatmap: "Heatmap") -> str:
    """Which sentence says why the verdict is what it is."""
    from core.explain.heatmap import BEARABLE_ERROR, TRUSTED_ERROR

    if heatmap.reliability == "unreliable" and heatmap.relative_error > BEARABLE_ERROR:
        return "explain.unreliable_sum_words"
    if heatmap.reliability == "careful" and heatmap.relative_error > TRUSTED_ERROR:
        return "explain.careful_sum_words"
    if heatmap.reliability == "trust" and _agreement(heatmap) is None:
        return "explain.trust_short_words"
    return f"explain.{heatmap.reliability}_words"


def _agreement(heatmap: "Heatmap") -> float | None:
    value = heatmap.to_dict()["faithfulness"]
    return value["agreement"] if value else None


def _numbers(heatmap: "Heatmap") -> None:
    measured = heatmap.to_dict()["faithfulness"] or {}
    shown = {
        "convergence_delta": f"{heatmap.convergence_delta * 100:+.3f}",
        "relative_error": f"{heatmap.relative_error:.2%}",
        "steps": str(heatmap.n_steps),
        **{name: _points(measured.get(name)) for name in ("comprehensiveness", "sufficiency")},
        "agreement": t("explain.undefined") if measured.get("agreement") is None else f"{measured['agreement']:+.2f}",
    }
    columns = st.columns(3)
    for at, (name, value) in enumerate(shown.items()):
        columns[at % 3].metric(t(f"explain.{name}"), value, help=t(f"explain.{name}_help"))
    st.caption(f"{t('explain.model')}: {heatmap.model_id}")


def _points(value: float | None) -> str:
    return t("explain.undefined") if value is None else f"{value * 100:+.1f}"
