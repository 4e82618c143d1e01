"""Bringing labels in: the file, how it is read, what would come of it, and the confirmation."""

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from app.components.parts import shown_table, stat_tiles
from app.context import context
from app.guard import guard
from app.i18n import language, t
from app.spreadsheet import spreadsheet_csv
from app.uploads import stored_upload
from core.intents.exchange import check_annotations, import_annotations
from core.intents.exchange.importing import ImportedAnnotations, RejectedLine
from core.intents.exchange.registry import FORMATS, IMPORTED, detect_format
from core.intents.taxonomy import load_taxonomy

_SHOWN_REJECTED = 100
_SHOWN_RAW = 200
_MOST_WORDS = 30
_ENDINGS = ("jsonl", "json", "csv", "parquet", "zip")


def render_import() -> None:
    """Draw the dialog's content; it reruns alone."""
    st.caption(t("label_exchange.import_help"))
    uploaded = st.file_uploader(t("label_exchange.file"), type=list(_ENDINGS), key="labels_upload")
    if uploaded is None:
        return
    with guard():
        _plan(stored_upload(uploaded))


def _plan(path: Path) -> None:
    done = st.session_state.get("labels_imported")
    if done is not None and done[0] == str(path):
        _outcome(done[1])
        return
    detected = detect_format(path).name
    name = st.selectbox(
        t("label_exchange.read_as"),
        IMPORTED,
        index=IMPORTED.index(detected),
        format_func=lambda name: FORMATS[name].title,
        key=f"labels_format_{path.parent.name}",
    )
    mapping = _mapping_so_far(path, name)
    checked = _checked(path, name, mapping)
    _counts(checked, t("label_exchange.new"))
    _ask_mapping(path, name, checked.unknown_intents, mapping)
    _rejected(checked.rejected, is_open=not checked.added)
    words = t("label_exchange.confirm", n=f"{checked.added:,}")
    if st.button(words, type="primary", icon=":material/check:", disabled=not checked.added):
        imported = import_annotations(context().warehouse, path, format=name, mapping=mapping)
        st.session_state["labels_imported"] = (str(path), imported)
        st.session_state.pop("labels_checked", None)
        st.rerun(scope="fragment")


def _checked(path: Path, name: str, mapping: dict[str, str]) -> ImportedAnnotations:
    """What the import would do, worked out again only when something about it changed."""
    key = (str(path), name, tuple(sorted(mapping.items())))
    known = st.session_state.get("labels_checked")
    if known is None or known[0] != key:
        with st.spinner(t("label_exchange.checking")):
            known = (key, check_annotations(context().warehouse, path, format=name, mapping=mapping))
        st.session_state["labels_checked"] = known
    checked: ImportedAnnotations = known[1]
    return checked


def _outcome(imported: ImportedAnnotations) -> None:
    st.success(t("label_exchange.done", n=f"{imported.added:,}"), icon=":material/check_circle:")
    _counts(imported, t("label_exchange.added"))
    _rejected(imported.rejected)
    if st.button(t("label_exchange.close")):
        st.rerun()


def _counts(outcome: ImportedAnnotations, added: str) -> None:
    stat_tiles(
        [
            (added, f"{outcome.added:,}", ""),
            (t("label_exchange.there"), f"{outcome.duplicates:,}", ""),
            (t("label_exchange.rejected"), f"{len(outcome.rejected):,}", ""),
        ]
    )


def _word_key(path: Path, name: str, word: str) -> str:
    return f"labels_word_{path.parent.name}_{name}_{word}"


def _mapping_so_far(path: Path, name: str) -> dict[str, str]:
    """The words of the file that were given a meaning; they stay asked for, so that it can be changed."""
    words = st.session_state.get(f"labels_words_{path.parent.name}_{name}", [])
    chosen = {word: st.session_state.get(_word_key(path, name, word)) for word in words}
    return {word: intent for word, intent in chosen.items() if intent}


def _ask_mapping(path: Path, name: str, unknown: dict[str, int], mapping: dict[str, str]) -> None:
    key = f"labels_words_{path.parent.name}_{name}"
    words = list(dict.fromkeys([*st.session_state.get(key, []), *unknown]))
    st.session_state[key] = words
    if not words:
        return
    names = {i.id: i.name.get(language(), i.name["en"]) for i in load_taxonomy(context().warehouse)}
    st.markdown(f"**{t('label_exchange.unknown_intents')}**")
    st.caption(t("label_exchange.unknown_intents_help"))
    for word in words[:_MOST_WORDS]:
        times = unknown.get(word)
        st.selectbox(
            word if times is None else t("label_exchange.word_times", word=word, n=f"{times:,}"),
            list(names),
            index=None,
            format_func=names.__getitem__,
            placeholder=t("label_exchange.leave_out"),
            key=_word_key(path, name, word),
        )


def _rejected(rejected: list[RejectedLine], *, is_open: bool = False) -> None:
    if not rejected:
        return
    rows = [
        {
            "line": row.line,
            "reason": t(f"label_exchange.reason_{row.reason}"),
            "message": row.message,
            "raw": row.raw,
        }
        for row in rejected
    ]
    frame = pd.DataFrame(rows)
    names: dict[str, Any] = {column: t(f"label_exchange.column_{column}") for column in frame.columns}
    with st.expander(t("label_exchange.rejected_lines", n=f"{len(rows):,}"), icon=":material/block:", expanded=is_open):
        shown = frame.head(_SHOWN_REJECTED).assign(raw=lambda shown: shown["raw"].str[:_SHOWN_RAW])
        shown_table(shown, column_config=names, height=220)
        st.download_button(
            t("label_exchange.download_rejected"),
            spreadsheet_csv(frame),
            file_name="rejected-labels.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
