"""Starting a run that continues the serving model on the labels made since."""

import streamlit as st

from app.context import context
from app.i18n import t
from core.registry.models import champion
from core.store.labeled_queries import count_labels_since

LEAST_NEW = 4


def render_continue() -> None:
    """What is new since the serving model was made, and the button; nothing while no model serves."""
    serving = champion(context().warehouse)
    if serving is None:
        return
    with st.container(border=True):
        st.markdown(f"**{t('train.continue')}**")
        st.caption(t("train.continue_help"))
        new = count_labels_since(context().warehouse, serving.created_at)
        st.caption(t("train.continue_new", n=new, model=serving.model_id))
        if st.button(t("train.continue"), icon=":material/play_arrow:", disabled=new < LEAST_NEW, key="start_continue"):
            st.query_params["run"] = context().jobs.start("continue", {})
            st.toast(t("train.started"))
            st.rerun()
