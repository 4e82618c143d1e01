"""What speaks for an intent in one model and not in the other, by their kept studies."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from app.address import kept_choice
from app.charts.explanations import parts_figure
from app.components.parts import download_table
from app.i18n import t
from app.views.evaluate_data import intent_names
from app.views.evaluate_explanations import study_of
from app.views.evaluate_headline import CHART
from app.views.part_names import MOST_BARS, listed, part_name, short_name
from core.registry.models import ModelRecord

if TYPE_CHECKING:
    from core.explain.study.report import ExplanationReport

MANY, ONE_WAY = 10, 0.85
"""Of so many words that differ, the share that leans one way from which the text as a whole is said to count otherwise.
"""


def render_parts_beside(first: ModelRecord, second: ModelRecord) -> None:
    """A bar a field, event type, transition or word: what it adds in the first model less the same in the second."""
    from core.explain.study.beside import common_intents
    from core.explain.study.report import LEAST_VISITORS

    st.markdown(f"**{t('evaluate_divergence.parts')}**")
    one, other = study_of(first), study_of(second)
    if one is None or other is None:
        missing = ", ".join(m.model_id for m, study in ((first, one), (second, other)) if study is None)
        st.caption(t("evaluate_divergence.parts_unmeasured", models=missing))
        return
    if one.method != other.method:
        st.caption(t("evaluate_divergence.parts_methods", first=one.method, second=other.method))
        return
    intents = common_intents(one, other)
    if not intents:
        st.caption(t("evaluate_divergence.parts_few", least=LEAST_VISITORS))
        return
    _differences(one, other, intents)


def _differences(one: "ExplanationReport", other: "ExplanationReport", intents: Sequence[str]) -> None:
    """The chosen intent and kind of part, what differs in words, the chart and the table."""
    from core.explain.study.beside import differences, kinds_of_both, shared_sessions
    from core.explain.study.report import LEAST_VISITORS

    left, right = st.columns([2, 3], vertical_alignment="bottom")
    names, kinds = intent_names(intents), kinds_of_both(one, other)
    intent = kept_choice("differs", t("explain.intent"), intents, lambda name: names[name], place=left)
    words = {str(kind): t(f"evaluate.parts_{kind}") for kind in kinds}
    chosen = kept_choice(
        "differs_by", t("evaluate.parts_of"), list(words), lambda name: words[name], segmented=True, place=right
    )
    kind = next(kind for kind in kinds if kind == chosen)
    found = differences(one, other, kind, intent)
    if found.empty:
        occurring = kind in ("transition", "word")
        st.caption(t("evaluate_beside.few", least=LEAST_VISITORS) if occurring else t("evaluate_divergence.parts_none"))
        return
    models = {"first": one.model_id, "second": other.model_id}
    st.markdown(sentences(found, kind, names[intent], models))
    shown = found.head(MOST_BARS)
    shown = shown.assign(
        label=[short_name(kind, name) for name in shown["name"]],
        whole=[part_name(kind, name) for name in shown["name"]],
        n=shown[["n_first", "n_second"]].min(axis=1),
    )
    axis = t("evaluate_divergence.parts_axis", intent=names[intent])
    st.plotly_chart(parts_figure(shown, axis), config=CHART, key=f"parts_beside_{kind}")
    counts = {"n": len(one.predictions), "m": len(other.predictions), "shared": shared_sessions(one, other)}
    told = t(f"evaluate_beside.words_{kind}", least=LEAST_VISITORS, shown=len(shown), of=len(found), **models)
    st.caption(f"{told} {t('evaluate_beside.words', **models, **counts)}")
    download_table(found, f"differs-{intent}-{kind}-{one.model_id}-{other.model_id}")


def sentences(found: pd.DataFrame, kind: str, intent: str, models: dict[str, str]) -> str:
    """Which parts differ beyond chance, and which of them turned round: for the intent in one, against it in the other.

    Args:
        found: as core.explain.study.beside.differences. models: ids by `first` and `second`.
    """
    from core.explain.study.beside import SURE, turned

    sure = found[found["adjusted_p"] <= SURE]
    if sure.empty:
        return t("evaluate_divergence.parts_unsure")
    told = [t("evaluate_divergence.parts_sure", parts=listed(kind, sure["name"].tolist()))]
    for name, rows in turned(found).items():
        if len(rows):
            parts = listed(kind, rows["name"].tolist())
            told.append(t(f"evaluate_beside.turned_{name}", parts=parts, intent=intent, **models))
    if kind == "word" and len(sure) >= MANY and abs((sure["value"] > 0).mean() - 0.5) > ONE_WAY - 0.5:
        way = "more" if sure["value"].median() > 0 else "less"
        told.append(t(f"evaluate_beside.one_way_{way}", intent=intent, **models))
    return "  \n".join(told)
