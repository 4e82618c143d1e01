"""A model's card, in full, and its downloads: the card, a Hugging Face folder, ONNX graphs."""

import json
from pathlib import Path

import streamlit as st

from app.context import context
from app.i18n import t
from core.jobs.progress import RunStatus
from core.registry.card_text import card_markdown
from core.registry.export.readme import FORMATS, Format
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
    for kind in FORMATS:
        if kind == "hf" or model.kind == "finetuned":
            st.caption(t(f"train.export_{kind}_help"))
            _download_or_make(model, kind)


def _download_or_make(model: ModelRecord, kind: Format) -> None:
    """A job writes the archive, in seconds to minutes; then it can be downloaded."""
    run = _newest_run(model, kind)
    if run is not None and run.status == "finished":
        archive = Path(str(run.result["archive"]))
        st.download_button(
            t(f"train.export_{kind}"),
            archive.read_bytes(),
            file_name=archive.name,
            mime="application/zip",
            icon=":material/download:",
            key=f"{kind}-{model.model_id}",
            on_click="ignore",
        )
    elif run is not None:
        st.caption(t("train.export_running", run=run.run_id))
    elif st.button(t(f"train.export_{kind}_make"), icon=":material/play_arrow:", key=f"make-{kind}-{model.model_id}"):
        st.query_params["run"] = context().jobs.start("export", {"format": kind}, base_model=model.folder)
        st.rerun()


def _newest_run(model: ModelRecord, kind: Format) -> RunStatus | None:
    """The newest run that writes this archive, or has written it and still has it."""
    jobs = context().jobs
    for run in jobs.runs():
        if run.kind != "export" or run.status in {"failed", "stopped"}:
            continue
        spec = jobs.spec(run.run_id)
        if spec.base_model != model.folder or spec.arguments.get("format") != kind:
            continue
        if not run.is_over or Path(str(run.result["archive"])).is_file():
            return run
    return None
