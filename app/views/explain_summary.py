"""Beside every heatmap: the probability, what it is measured against, and whether to trust the picture."""

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from app.components.parts import percent, stat_tiles
from app.i18n import t
from app.units import points

if TYPE_CHECKING:
    from core.explain.heatmap import Heatmap

_LOOK = {
    "trust": (st.success, "verified"),
    "careful": (st.warning, "info"),
    "unreliable": (st.error, "warning"),
    "curiosity": (st.info, "visibility"),
}
_SAID_OF_SUMS = {
    ("trust", ""): "explain.trust_words",
    ("trust", "short"): "explain.trust_short_words",
    ("careful", "order"): "explain.careful_words",
    ("careful", "sum"): "explain.careful_sum_words",
    ("unreliable", "order"): "explain.unreliable_words",
    ("unreliable", "sum"): "explain.unreliable_sum_words",
}
"""Verdicts on methods whose cells add up, in words that say so; all others have words of their own."""


def render_summary(heatmap: "Heatmap", intent_name: str) -> None:
    """The probability, its baseline and what the events add."""
    added = heatmap.probability - heatmap.baseline_probability
    stat_tiles(
        [
            (t("explain.probability"), percent(heatmap.probability), intent_name),
            (t("explain.baseline"), percent(heatmap.baseline_probability), t("explain.baseline_help")),
            (t("explain.change"), _signed(added), _change_words(heatmap)),
        ]
    )


def _change_words(heatmap: "Heatmap") -> str:
    if heatmap.kind == "curiosity":
        return t("explain.change_points")
    if heatmap.is_complete:
        return t("explain.change_help")
    return t("explain.change_but", sum=_signed(float(heatmap.values.sum())))


def _signed(share: float) -> str:
    return points(share, 1 if abs(share) >= 0.0095 else 2)


def render_reliability(heatmap: "Heatmap") -> None:
    """The verdict in words, the numbers on demand."""
    show, icon = _LOOK[heatmap.reliability]
    words = t(reliability_key(heatmap), error=f"{heatmap.relative_error:.1%}")
    show(f"**{t(f'explain.{heatmap.reliability}')}** — {words}", icon=f":material/{icon}:")
    with st.expander(t("explain.numbers")):
        _numbers(heatmap)


def reliability_key(heatmap: "Heatmap") -> str:
    """Which sentence says why the verdict is what it is."""
    verdict = heatmap.verdict
    said = (verdict.reliability, verdict.reason)
    if heatmap.is_complete and said in _SAID_OF_SUMS:
        return _SAID_OF_SUMS[said]
    return f"explain.verdict.{verdict.reliability}_{verdict.reason or 'all'}"


def _numbers(heatmap: "Heatmap") -> None:
    shown = [(t(f"explain.{name}"), value, t(f"explain.{name}_help")) for name, value in shown_numbers(heatmap).items()]
    names = [t(f"explain_numbers.column_{name}") for name in ("measure", "value", "meaning")]
    st.table(pd.DataFrame(shown, columns=names).set_index(names[0]))
    st.caption(f"{t('explain.model')}: {heatmap.model_id}")


def shown_numbers(heatmap: "Heatmap") -> dict[str, str]:
    """The measures that mean something for the method, in words, by the name of their text."""
    measured = heatmap.to_dict()["faithfulness"] or {}
    shown: dict[str, str] = {}
    if heatmap.is_complete:
        shown["convergence_delta"] = _in_points(heatmap.convergence_delta, 3)
        shown["relative_error"] = f"{heatmap.relative_error:.2%}"
    shown["steps" if heatmap.method == "integrated_gradients" else "asked"] = str(heatmap.n_steps)
    shown |= {name: _in_points(measured.get(name)) for name in ("comprehensiveness", "chance", "sufficiency")}
    shown["agreement"] = _number(measured.get("agreement"), "+.2f", t("explain.undefined"))
    if heatmap.method == "occlusion_of_events":
        shown["agreement"] = t("explain.by_construction")
    shown["left_out"] = f"{measured.get('left_out', 0)} / {len(heatmap.event_ids)}"
    if heatmap.kind != "curiosity":
        shown["infidelity"] = _number(measured.get("infidelity"), ".2f", t("explain.nothing_moves"))
        shown["sensitivity"] = _number(measured.get("sensitivity"), ".1%", t("explain.not_measured"))
    if heatmap.sampling_error:
        shown["sampling_error"] = f"{heatmap.sampling_error:.0%}"
    return shown


def _in_points(share: float | None, digits: int = 1) -> str:
    return t("explain.undefined") if share is None else t("explain_numbers.points", n=points(share, digits))


def _number(value: float | None, form: str, undefined: str) -> str:
    return undefined if value is None else format(value, form).replace("-", "−")
