"""The list of intents, and the editor of the one at hand."""

from typing import Any

import pandas as pd
import streamlit as st

from app.address import keep
from app.components.parts import download_table, shown_table
from app.context import context
from app.i18n import language, t
from app.views.quality_data import person
from app.views.taxonomy_dialogs import open_add
from app.views.taxonomy_editor import render_editor
from app.views.taxonomy_state import at_hand, turn, whole
from app.views.taxonomy_words import said, warning_words
from core.intents.colors import color_warnings
from core.intents.intent import Intent, Taxonomy
from core.store.taxonomy_queries import given_counts, label_counts

_COLUMNS = ("color", "key", "name", "id", "definition", "labels", "given", "state")


def render_list() -> None:
    """The tab."""
    author = person("taxonomy.person_edits")
    taxonomy = whole()
    _table(taxonomy, author)
    for warning in color_warnings([intent for intent in taxonomy if intent.active]):
        st.caption(f":material/palette: {warning_words(warning)}")
    if author is None:
        return
    intent = at_hand(taxonomy)
    if intent is None:
        st.caption(t("taxonomy.choose_one"))
    else:
        render_editor(intent, taxonomy, author)


def _table(taxonomy: Taxonomy, author: str | None) -> None:
    frame = _frame(taxonomy)
    dark = st.context.theme.type == "dark"
    colors = [intent.color_dark if dark else intent.color for intent in taxonomy]
    styled = frame.style.apply(lambda _: [f"color: {color}" for color in colors], subset=["color"])
    chosen = shown_table(
        styled,
        column_config={name: told for name, told in _config().items() if name in frame},
        on_select="rerun",
        selection_mode="single-row",
        height="content",
        key=f"taxonomy_table.{turn()}",
    )
    with st.container(horizontal=True):
        if author is not None and st.button(t("taxonomy.add"), icon=":material/add:"):
            open_add(author)
        download_table(frame.drop(columns="color"), "intents")
    rows = chosen.selection.rows
    if rows and st.query_params.get("intent") != taxonomy[rows[0]].id:
        keep("intent", taxonomy[rows[0]].id)
        st.rerun()


def _frame(taxonomy: Taxonomy) -> pd.DataFrame:
    counts, given = label_counts(context().warehouse), given_counts(context().warehouse)
    frame = pd.DataFrame(
        [
            {
                "color": "⬤",
                "key": intent.key.upper() if intent.active else "",
                "name": intent.name.get(language(), intent.name["en"]),
                "id": intent.id,
                "definition": intent.definition.get(language()) or intent.definition.get("en", ""),
                "labels": counts.get(intent.id, (0, 0))[0],
                "given": given.get(intent.id, 0),
                "state": _state(intent),
            }
            for intent in taxonomy
        ],
        columns=list(_COLUMNS),
    )
    return frame.drop(columns="given") if frame["given"].equals(frame["labels"]) else frame


def _state(intent: Intent) -> str:
    if intent.active:
        return t("taxonomy.state_active")
    if intent.merged_into:
        return t("taxonomy.state_merged", into=said(intent.merged_into))
    if intent.split_into:
        return t("taxonomy.state_split", parts=", ".join(said(part) for part in intent.split_into))
    return t("taxonomy.state_retired")


def _config() -> dict[str, Any]:
    config: dict[str, Any] = {name: t(f"taxonomy.column_{name}") for name in _COLUMNS}
    config["color"] = st.column_config.TextColumn("", width=36)
    config["key"] = st.column_config.TextColumn(t("taxonomy.column_key"), width=52)
    config["name"] = st.column_config.TextColumn(t("taxonomy.column_name"), width=110)
    config["definition"] = st.column_config.TextColumn(t("taxonomy.column_definition"), width="large")
    for name in ("labels", "given"):
        config[name] = st.column_config.NumberColumn(
            t(f"taxonomy.column_{name}"), help=t(f"taxonomy.column_{name}_help"), width=90
        )
    return config
