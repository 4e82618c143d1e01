"""What speaks for an intent in one model and not in the other, by their kept studies."""

import streamlit as st

from app.address import kept_choice
from app.charts.explanations import parts_figure
from app.components.parts import download_table
from app.i18n import t
from app.views.evaluate_data import intent_names
from app.views.evaluate_explanations import MOST_BARS, part_name, study_of
from app.views.evaluate_headline import CHART
from core.registry.models import ModelRecord


def render_parts_beside(first: ModelRecord, second: ModelRecord) -> None:
    """A bar a field, or event type: what it adds in the first model less what it adds in the second."""
    from core.explain.study.beside import common_intents, parts_beside
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
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    names = intent_names(intents)
    intent = kept_choice("differs", t("explain.intent"), intents, lambda name: names[name], place=left)
    label, words = t("evaluate.parts_of"), {kind: t(f"evaluate.parts_{kind}") for kind in ("field", "type")}
    kind = kept_choice("differs_by", label, ("field", "type"), lambda name: words[name], segmented=True, place=right)
    found = parts_beside(one, other, "field" if kind == "field" else "type", intent)
    if found.empty:
        st.caption(t("evaluate_divergence.parts_none"))
        return
    shown = found.assign(
        label=[part_name(kind, name) for name in found["name"]], n=found[["n_first", "n_second"]].min(axis=1)
    )
    sure = shown[(shown["low"] > 0) | (shown["high"] < 0)]
    st.markdown(
        t("evaluate_divergence.parts_sure", parts=t("evaluate_divergence.comma").join(sure["label"]))
        if len(sure)
        else t("evaluate_divergence.parts_unsure")
    )
    axis = t("evaluate_divergence.parts_axis", intent=names[intent])
    st.plotly_chart(parts_figure(shown.head(MOST_BARS), axis), config=CHART, key=f"parts_beside_{kind}")
    counts = {"n": int(found["n_first"].iloc[0]), "m": int(found["n_second"].iloc[0])}
    st.caption(t("evaluate_divergence.parts_words", first=first.model_id, second=second.model_id, **counts))
    download_table(found, f"differs-{intent}-{kind}-{first.model_id}-{second.model_id}")
