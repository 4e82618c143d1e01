"""Says on the pages that learn from labels or judge them which ones are left out, why, and where to mend that."""

import streamlit as st

from app.components.parts import page_link
from app.context import context
from app.i18n import t
from app.intent_names import intent_names
from core.store.outdated_queries import count_outdated_labels


def render_outdated_labels() -> None:
    """Nothing where every label counts."""
    counts = count_outdated_labels(context().warehouse)
    if not counts:
        return
    names = intent_names()
    told = ", ".join(f"{names.get(intent, intent)} {count:,}" for intent, count in counts.items())
    with st.container(border=True):
        st.markdown(f":material/label_off: {t('outdated.left_out', n=f'{sum(counts.values()):,}', counts=told)}")
        page_link("label", t("outdated.label_again"), queue="outdated")
