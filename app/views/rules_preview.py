"""What the rule in the editor would do, on the whole log, before it is saved."""

from typing import Any

import streamlit as st

from app.components.parts import page_link, percent, plain
from app.context import context
from app.guard import guard
from app.i18n import t
from app.intent_names import intent_names
from core.events.rows import plain_rows
from core.weak.labeling_function import LabelingFunction
from core.weak.preview import RulePreview, preview_rule


def render_preview(rule: LabelingFunction) -> None:
    """Draw the counts and some sessions; or what is wrong with the definition."""
    st.caption(t("rules.preview"))
    with guard():
        preview = preview_rule(context().warehouse, rule)
        share = percent(preview.fires / max(1, preview.sessions))
        st.markdown(t("rules.fires_on", n=f"{preview.fires:,}", m=f"{preview.sessions:,}", share=share))
        if preview.sessions:
            st.progress(preview.fires / preview.sessions)
        st.caption(_accuracy(preview))
        if preview.fires:
            st.caption(t("rules.examples"))
        names = intent_names()
        for row in plain_rows(preview.examples):
            page_link("visitor", _words(row, names), visitor=row["visitor_id"], session=row["session_id"])


def _accuracy(preview: RulePreview) -> str:
    if preview.interval is None:
        return t("rules.not_labeled")
    low, high = (f"{value:.0%}" for value in preview.interval)
    words = t("rules.right_where", correct=preview.correct, n=preview.labeled, low=low, high=high)
    if preview.chance is None:
        return words
    words += t("rules.right_by_chance", chance=percent(preview.chance))
    return words + " " + t("rules.no_better") if preview.interval[0] <= preview.chance else words


def _words(row: dict[str, Any], names: dict[str, str]) -> str:
    """One session in a line; Markdown in what shoppers typed stays text."""
    parts = [plain(row["session_id"]), t("rules.event_count", n=row["event_count"])]
    if row["first_query"]:
        parts.append(f"“{plain(row['first_query'][:40])}”")
    if row["answer"]:
        parts.append(t("rules.labeled_as", intent=names.get(row["answer"], row["answer"])))
    return " · ".join(parts)
