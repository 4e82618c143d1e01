"""What the model would say if the last event had another price, or came after another pause."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from app.address import kept_choice
from app.charts.dependence import NumberAxis, dependence_figure, intents_figure
from app.components.parts import download_table
from app.context import context
from app.i18n import t
from app.theme import NEUTRAL
from app.units import human_gap
from app.views.evaluate_data import intent_names
from app.views.evaluate_headline import CHART, signed
from core.intents.taxonomy import load_taxonomy

if TYPE_CHECKING:
    from core.explain.study.dependence import Feature
    from core.explain.study.dependence_report import Dependence, Swing
    from core.explain.study.report import ExplanationReport

WIDE = 20.0
"""From this ratio of the last to the first value an axis is logarithmic."""
MOST_TICKS = 5
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_ROUND_GAPS = (
    *(1, 2, 5, 10, 30),
    *(_MINUTE * n for n in (1, 2, 5, 10, 30)),
    *(_HOUR * n for n in (1, 3, 6, 12)),
    *(_DAY * n for n in (1, 2, 7, 14, 30, 60, 120)),
)


def render_dependence(report: "ExplanationReport") -> None:
    """A number and an intent of the address: all intents' means, then the chosen one with what it is made of."""
    st.markdown(f"**{t('evaluate_dependence.title')}**")
    dependence = report.dependence
    if not dependence.features:
        st.caption(t("evaluate_dependence.none"))
        return
    feature = _feature(dependence)
    swings = {intent: dependence.swing(feature, intent) for intent in dependence.intents}
    ranked = sorted(swings, key=lambda intent: -swings[intent].most)
    axis = _axis(feature, dependence)
    left, right = st.columns([2, 3])
    with left:
        _intents(dependence, feature, axis)
    with right:
        _chosen(dependence, feature, axis, ranked, swings)
    n = len(dependence.singles(feature, ranked[0]))
    st.caption(t("evaluate_dependence.words", n=n, what=t(f"evaluate_dependence.words_{feature}")))
    download_table(_whole(dependence, feature), f"dependence-{feature}-{report.model_id}")


def _feature(dependence: "Dependence") -> "Feature":
    names = dependence.features
    chosen = kept_choice(
        "sweep",
        t("evaluate_dependence.number"),
        names,
        lambda name: t(f"evaluate_dependence.{name}"),
        segmented=True,
    )
    return next(name for name in names if name == chosen)


def _intents(dependence: "Dependence", feature: "Feature", axis: NumberAxis) -> None:
    names, colors = intent_names(dependence.intents), _colors(dependence.intents)
    curves = {names[intent]: dependence.curve(feature, intent) for intent in dependence.intents}
    st.caption(t("evaluate_dependence.all_intents"))
    figure = intents_figure(curves, colors, axis, t("evaluate_dependence.mean_axis"))
    st.plotly_chart(figure, config=CHART, key=f"dependence_all_{feature}")


def _chosen(
    dependence: "Dependence", feature: "Feature", axis: NumberAxis, ranked: Sequence[str], swings: dict[str, "Swing"]
) -> None:
    names = intent_names(ranked)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        intent = kept_choice(
            "swept",
            t("explain.intent"),
            ranked,
            lambda one: t("evaluate_dependence.intent", intent=names[one], points=_points(swings[one].most)),
        )
        level = t("evaluate_dependence.as_level"), t("evaluate_dependence.as_change")
        shown = kept_choice(
            "shown",
            t("evaluate_dependence.shown"),
            ("level", "change"),
            lambda one: level[one == "change"],
            segmented=True,
        )
    centred = shown == "change"
    st.markdown(_sentence(dependence, feature, names[intent], swings[intent]))
    figure = dependence_figure(
        dependence.curve(feature, intent, centred=centred),
        dependence.singles(feature, intent, centred=centred).to_numpy(),
        dependence.own(feature),
        _colors([intent])[0],
        axis,
        {name: t(f"evaluate_dependence.{name}") for name in ("mean", "interval", "spread", "single", "own")}
        | {"value": t(f"evaluate_dependence.{'change' if centred else 'probability'}_axis", intent=names[intent])},
    )
    st.plotly_chart(figure, config=CHART, key=f"dependence_{feature}")


def _sentence(dependence: "Dependence", feature: "Feature", intent: str, swing: "Swing") -> str:
    """What the curve says, in words."""
    values = dependence.rows.loc[dependence.rows["feature"] == feature, "value"]
    ends = (
        spoken(feature, float(values.min()), dependence.currency),
        spoken(feature, float(values.max()), dependence.currency),
    )
    moved = swing.last - swing.first
    told = t(
        f"evaluate_dependence.{'flat' if swing.is_flat else 'moves'}",
        intent=intent,
        from_value=ends[0],
        to_value=ends[1],
        first=f"{swing.first:.1%}",
        last=f"{swing.last:.1%}",
        points=signed(100 * moved, 1),
        low=signed(100 * swing.low, 1),
        high=signed(100 * swing.high, 1),
    )
    turns = not swing.is_flat and swing.most > 1.25 * abs(moved)
    return f"{told} {t('evaluate_dependence.turns', points=_points(swing.most))}" if turns else told


def spoken(feature: str, value: float, currency: str | None) -> str:
    """A number in its unit: 1438.9 -> "1,439 CNY", 90 -> "1 min 30 s"."""
    if feature != "price":
        return human_gap(round(1000 * value))
    return f"{value:,.{0 if value >= 100 else 2}f} {currency or ''}".strip()


def _axis(feature: "Feature", dependence: "Dependence") -> NumberAxis:
    values = dependence.rows.loc[dependence.rows["feature"] == feature, "value"]
    title = t(
        f"evaluate_dependence.axis_{feature}", currency=dependence.currency or t("evaluate_dependence.no_currency")
    )
    return number_axis(feature, title, float(values.min()), float(values.max()))


def number_axis(feature: str, title: str, low: float, high: float) -> NumberAxis:
    """Round ticks between two values, few enough for a phone."""
    is_log = low > 0 and high / low >= WIDE
    if feature == "price":
        steps = [step * 10.0**power for power in range(-2, 9) for step in (1, 2, 5)]
        ticks = (
            [tick for tick in steps if low <= tick <= high] if is_log else np.linspace(low, high, MOST_TICKS).tolist()
        )
        ticks = ticks[:: -(-len(ticks) // MOST_TICKS)] if ticks else []
        return NumberAxis(title, ticks, [f"{tick:,.4g}" for tick in ticks], is_log)
    ticks = [float(gap) for gap in _ROUND_GAPS if low <= gap <= high] or [low, high]
    ticks = ticks[:: -(-len(ticks) // MOST_TICKS)]
    return NumberAxis(title, ticks, [human_gap(round(1000 * tick)) for tick in ticks], is_log)


def _points(share: float) -> str:
    return f"{100 * share:.1f}"


def _colors(intents: Sequence[str]) -> list[str]:
    known = {intent.id: intent.color for intent in load_taxonomy(context().warehouse, inactive=True)}
    return [known.get(intent, NEUTRAL) for intent in intents]


def _whole(dependence: "Dependence", feature: "Feature") -> pd.DataFrame:
    """Every intent's curve below another, for download."""
    curves = [dependence.curve(feature, intent).assign(intent=intent) for intent in dependence.intents]
    return pd.concat(curves, ignore_index=True).assign(number=feature, currency=dependence.currency)
