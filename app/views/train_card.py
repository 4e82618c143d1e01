"""A model's card, in full, and its downloads: the card, a Hugging Face folder, ONNX graphs."""

import json
from pathlib import Path

import streamlit as st

from app.context import context
from app.i18n import t
from core.jobs.progress import RunStatus
from core.registry.card_text import card_markdown
from core.registry.export.folders import export_zip, zipped
from core.registry.models import ModelRecord


def render_card(model: ModelRecord) -> None:
    """Buttons: the card, and the model to take away."""
    with st.container(horizontal=True):
        if st.button(t("train.card"), icon=":material/description:", key=f"show-card-{model.model_id}"):
            _show(model)
        with st.popover(t("train.export"), icon=":material/download:"):
            _downloads(model)


def _show(model: ModelRecord) -> None:
    """The card over the page; its own title is the dialog's."""

    @st.dialog(f"{t('train.card')}: {model.model_id}", width="large")  # type: ignore[untyped-decorator]
    def dialog() -> None:
        text = card_markdown(model.card)
        with st.container(horizontal=True):
            _download(t("train.download_markdown"), text, f"{model.model_id}.md", "text/markdown")
            card = json.dumps(model.card, ensure_ascii=False, indent=2)
            _download(t("train.download_card"), card, f"{model.model_id}.json", "application/json")
        st.markdown(text.partition("\n")[2])

    dialog()


def _download(words: str, text: str, name: str, mime: str) -> None:
    st.download_button(words, text, name, mime, icon=":material/download:", key=f"download-{name}", on_click="ignore")


def _downloads(model: ModelRecord) -> None:
    st.caption(t("train.export_hf_help"))
    st.download_button(
        t("train.export_hf"),
        lambda: export_zip(model.folder, "hf"),
        file_name=f"{model.model_id}-hf.zip",
        mime="application/zip",
        key=f"hf-{model.model_id}",
        on_click="ignore",
    )
    if model.kind == "finetuned":
        st.caption(t("train.export_onnx_help"))
        _onnx(model)


def _onnx(model: ModelRecord) -> None:
    """Made by a job, which takes seconds to minutes; then downloaded."""
    run = _onnx_run(model)
    if run is not None and run.status == "finished":
        folder = Path(str(run.result["folder"]))
        st.download_button(
            t("train.export_onnx"),
            lambda: zipped(folder),
            file_name=f"{model.model_id}-onnx.zip",
            mime="application/zip",
            key=f"onnx-{model.model_id}",
            on_click="ignore",
        )
    elif run is not None and not run.is_over:
        st.caption(t("train.export_onnx_running", run=run.run_id))
    elif st.button(t("train.export_onnx_make"), icon=":material/play_arrow:", key=f"make-onnx-{model.model_id}"):
        run_id = context().jobs.start("export", {"format": "onnx"}, base_model=model.folder)
        st.query_params["run"] = run_id
        st.rerun()


def _onnx_run(model: ModelRecord) -> RunStatus | None:
    """The newest run that writes this model's graphs or has written them and still has them."""
    for run in context().jobs.runs():
        if run.kind != "export" or context().jobs.base_model(run.run_id) != model.folder:
            continue
        if not run.is_over or (run.status == "finished" and Path(str(run.result["folder"])).is_dir()):
            return run
    return None
