"""How a chosen file will be read: its kind, its columns, and the mapping, editable."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from app.components.parts import shown_table
from app.i18n import t
from app.uploads import stored_upload
from core.events.cleaning import RAW_COLUMNS
from core.importers.mapping import REQUIRED, ColumnMapping, guess_mapping
from core.importers.pictures import is_archive, picture_names
from core.importers.presets import PRESETS, detect_preset
from core.importers.reader import open_source
from core.importers.source import Source

_OWN = "own"
_SHOWN_ROWS = 8
_NEEDED = tuple(name for group in REQUIRED for name in group)
_COLUMNS = (*_NEEDED, *(name for name in RAW_COLUMNS if name not in _NEEDED))
"""In the order of the table: what an event needs stands on top, where it is seen without scrolling."""


@dataclass(frozen=True)
class ImportPlan:
    """A file on this machine and how to map it (None: as it looks)."""

    path: Path
    file_name: str
    mapping: ColumnMapping | str | None


def choose_plan() -> ImportPlan | None:
    """The file chosen and its mapping; None while there is none or the mapping is incomplete (said on the page)."""
    uploaded = st.file_uploader(t("imports.upload"), help=t("imports.upload_help"))
    if uploaded is None:
        return None
    path = stored_upload(uploaded)
    if is_archive(path):
        st.success(t("imports.pictures", n=f"{len(picture_names(path)):,}"), icon=":material/image:")
        return ImportPlan(path, uploaded.name, None)
    source = open_source(path)
    kind = _choose_kind(source)
    _preview(source)
    if kind != _OWN:
        return ImportPlan(path, uploaded.name, kind)
    mapping = _edit_mapping(source)
    mapping.checked(source.columns)
    return ImportPlan(path, uploaded.name, mapping)


def _choose_kind(source: Source) -> str:
    detected = detect_preset(source.columns, source.sample)
    estimate = source.row_estimate
    rows = t("imports.unknown_count") if estimate is None else f"{estimate:,}"
    if detected is None:
        st.info(t("imports.unrecognised", n=rows), icon=":material/help:")
    else:
        st.success(t("imports.recognised", name=detected.title, n=rows), icon=":material/check:")
    fitting = [name for name, preset in PRESETS.items() if preset.fits(source.columns, source.sample)]
    kinds = [*fitting, _OWN]
    titles = {name: PRESETS[name].title for name in fitting} | {_OWN: t("imports.preset_own")}
    return str(st.selectbox(t("imports.preset"), kinds, format_func=titles.__getitem__, width=320))


def _preview(source: Source) -> None:
    with st.expander(t("imports.preview"), expanded=True, icon=":material/table:"):
        rows = [{name: str(value) for name, value in row.items() if value is not None} for row in source.sample]
        shown_table(pd.DataFrame(rows[:_SHOWN_ROWS]))


def _edit_mapping(source: Source) -> ColumnMapping:
    st.subheader(t("imports.mapping"), anchor=False)
    st.caption(t("imports.mapping_help"))
    guessed = guess_mapping(source.columns)
    table = pd.DataFrame(
        {
            "ours": list(_COLUMNS),
            "theirs": [guessed.columns.get(name) for name in _COLUMNS],
            "constant": [guessed.constants.get(name) for name in _COLUMNS],
        }
    ).astype(object)
    edited = st.data_editor(
        table.where(table.notna(), None),
        column_config={
            "ours": st.column_config.TextColumn(t("imports.ours"), disabled=True),
            "theirs": st.column_config.SelectboxColumn(t("imports.theirs"), options=source.columns),
            "constant": st.column_config.TextColumn(t("imports.constant")),
        },
        hide_index=True,
        placeholder="",
        key=f"mapping-{source.path.name}",
    )
    columns = {row.ours: row.theirs for row in edited.itertuples() if isinstance(row.theirs, str) and row.theirs}
    constants = {
        row.ours: row.constant for row in edited.itertuples() if isinstance(row.constant, str) and row.constant
    }
    return ColumnMapping(columns, constants)
