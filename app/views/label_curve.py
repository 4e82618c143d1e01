"""The learning curve on the Label page, with what its points rest on."""

import pandas as pd
import streamlit as st

from app.charts.learning import learning_curve_figure
from app.components.parts import download_table
from app.i18n import t


def render_curve(curve: pd.DataFrame) -> None:
    """The figure, how it was measured, and its rows to take away; without a measured model, what to do."""
    st.markdown(f"**{t('learning.curve')}**", help=t("learning.curve_help"))
    if curve.empty:
        st.caption(t("learning.curve_empty"))
        return
    names = {name: t(f"learning.curve_{name}") for name in ("random", "latest", "base_rate")}
    figure = learning_curve_figure(curve, names, t("learning.curve_labels"), t("learning.curve_macro_f1"))
    st.plotly_chart(figure, config={"displayModeBar": False}, key="learning.curve")
    last = curve.iloc[-1]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(t(f"learning.measured_{last['how']}", n=last["n"]))
        download_table(curve, "learning_curve")
