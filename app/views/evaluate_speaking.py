"""What speaks for an intent, and against it: fields, event types, transitions and words of a kept study."""

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from app.address import kept_choice
from app.charts.explanations import parts_figure
from app.components.parts import download_table
from app.i18n import t
from app.views.evaluate_data import intent_names
from app.views.evaluate_headline import CHART
from app.views.part_names import MOST_BARS, listed, part_name, short_name

if TYPE_CHECKING:
    from core.explain.study.report import ExplanationReport


def render_speaking(report: "ExplanationReport") -> None:
    """The chosen intent and kind of part: what is sure in words, the chart and the table."""
    from core.explain.study.occurrences import OCCURRENCE_KINDS
    from core.explain.study.report import LEAST_VISITORS, PART_KINDS

    counts = report.predictions["intent"].value_counts()
    columns = [str(name) for name in report.predictions]
    kinds = [str(kind) for kind in PART_KINDS if any(name.startswith(f"{kind}:") for name in columns)]
    if len(report.occurrences):
        kinds += [str(kind) for kind in OCCURRENCE_KINDS]
    if not kinds:  # measured by an earlier version, or by attention
        st.caption(t("evaluate_study.no_parts"))
        return
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    names = intent_names(counts.index.tolist())
    intent = kept_choice(
        "speaks",
        t("explain.intent"),
        counts.index.tolist(),
        lambda one: f"{names[one]} (n = {counts[one]})",
        place=left,
    )
    label, words = t("evaluate.parts_of"), {kind: t(f"evaluate.parts_{kind}") for kind in kinds}
    kind = kept_choice("parts", label, kinds, lambda one: words[one], segmented=True, place=right)
    occurring = kind in OCCURRENCE_KINDS
    if occurring:
        found = report.speaking("word" if kind == "word" else "transition", intent)
    else:
        found = report.parts("field" if kind == "field" else "type", intent)
    if found.empty:
        st.caption(t("evaluate.parts_few", least=LEAST_VISITORS))
        return
    st.markdown(sides(found, kind, names[intent]))
    shown = found.head(MOST_BARS)
    shown = shown.assign(
        label=[short_name(kind, name) for name in shown["name"]],
        whole=[part_name(kind, name) for name in shown["name"]],
    )
    figure = parts_figure(shown, t("evaluate.parts_axis", intent=names[intent]))
    st.plotly_chart(figure, config=CHART, key=f"explanations_parts_{kind}")
    told = t(f"evaluate.parts_words_{kind}" if occurring else "evaluate.parts_words")
    st.caption(f"{t('evaluate.parts_pale')} {told}")
    download_table(found, f"speaks-for-{intent}-{kind}-{report.model_id}")


def sides(found: pd.DataFrame, kind: str, intent: str) -> str:
    """In a sentence each: what speaks for the intent most, and what against it, of rows whose interval misses zero."""
    told = []
    for way, rows in (("for", found[found["low"] > 0]), ("against", found[found["high"] < 0])):
        if len(rows):
            told.append(t(f"evaluate_study.speaks_{way}", parts=listed(kind, rows["name"].tolist()), intent=intent))
    return "  \n".join(told) or t("evaluate_study.speaks_nothing", intent=intent)
