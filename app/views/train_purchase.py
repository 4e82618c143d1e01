"""Will this session buy: start the run that needs no labels, and read how well the newest model foresees orders."""

from typing import Any

import pandas as pd
import streamlit as st

from app.components.parts import download_table, percent, shown_table
from app.context import context
from app.i18n import t
from core.registry.models import latest_purchase
from core.store.overview_queries import totals

COLUMNS = ("when", "sessions", "base_rate", "pr_auc", "interval", "trees_pr_auc", "auroc", "trees_auroc")
_FIGURES = ("base_rate", "pr_auc", "trees_pr_auc", "auroc", "trees_auroc")


def render_purchase() -> None:
    """Draw the section."""
    st.subheader(t("purchase.title"), anchor=False)
    with st.container(border=True):
        _start()
        model = latest_purchase(context().warehouse)
        if model is None:
            st.caption(t("purchase.none"))
        else:
            _result(model.model_id, model.metrics)


def _start() -> None:
    st.caption(t("purchase.help"))
    if not totals(context().warehouse).conversion:
        st.info(t("purchase.no_orders"), icon=":material/shopping_cart_off:")
        return
    if st.button(t("purchase.start"), icon=":material/play_arrow:", key="start_purchase"):
        st.query_params["run"] = context().jobs.start("purchase", {})
        st.toast(t("train.started"))
        st.rerun()


def _result(model_id: str, metrics: dict[str, Any]) -> None:
    st.markdown(f"**{model_id}**")
    share = percent(metrics["buyers"] / metrics["sessions"])
    ece = f"{metrics['calibration']['ece']:.3f}"
    st.caption(
        t("purchase.measured", n=f"{metrics['parts']['test']:,}", of=f"{metrics['sessions']:,}", share=share, ece=ece)
    )
    frame = purchase_frame(metrics["table"])
    config: dict[str, Any] = {name: t(f"purchase.column_{name}") for name in COLUMNS}
    for name in _FIGURES:
        config[name] = st.column_config.NumberColumn(config[name], format="%.3f")
    shown_table(frame, column_config=config)
    st.caption(t("purchase.reading"))
    download_table(frame, "purchase")


def purchase_frame(table: list[dict[str, Any]]) -> pd.DataFrame:
    """The figures of model and trees as rows by COLUMNS; empty where every session bought or none did."""
    return pd.DataFrame([_row(entry) for entry in table], columns=list(COLUMNS))


def _row(entry: dict[str, Any]) -> dict[str, Any]:
    key = "purchase.after" if entry["kind"] == "events" else "purchase.at_share"
    value = f"{entry['at']:.0f}" if entry["kind"] == "events" else percent(entry["at"])
    model, trees = entry["model"] or {}, entry["trees"] or {}
    interval = model.get("pr_auc_interval")
    return {
        "when": t(key, n=value),
        "sessions": entry["sessions"],
        "base_rate": entry["base_rate"],
        "pr_auc": model.get("pr_auc"),
        "interval": f"{interval[0]:.3f} – {interval[1]:.3f}" if interval else "",
        "trees_pr_auc": trees.get("pr_auc"),
        "auroc": model.get("auroc"),
        "trees_auroc": trees.get("auroc"),
    }
