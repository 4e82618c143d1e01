"""Every version of the taxonomy: who made it, when and how; two compared line by line; an earlier one restored."""

import html

import pandas as pd
import streamlit as st

from app.address import kept_number
from app.components.parts import download_table, shown_table
from app.context import context
from app.i18n import t
from app.views.quality_data import person
from app.views.taxonomy_state import restore
from app.views.taxonomy_words import act_words, said
from core.intents.differences import Difference, Line, differences
from core.intents.versions import Version, list_versions, taxonomy_at

_COLORS = {"+": "rgba(34, 136, 51, .16)", "-": "rgba(204, 51, 17, .16)", " ": "transparent"}


def render_history() -> None:
    """The tab."""
    versions = list_versions(context().warehouse)
    frame = _frame(versions)
    shown_table(
        frame,
        column_config={name: t(f"taxonomy.column_{name}") for name in frame},
        height="content" if len(frame) <= 12 else 460,
    )
    download_table(frame, "taxonomy-history")
    newest = versions[0].number
    st.subheader(t("taxonomy.compare"), anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        before = kept_number("from", t("taxonomy.compare_from"), max(1, newest - 1), 1, newest, width=150)
        after = kept_number("to", t("taxonomy.compare_to"), newest, 1, newest, width=150)
    found = differences(taxonomy_at(context().warehouse, before), taxonomy_at(context().warehouse, after))
    if not found:
        st.caption(t("taxonomy.no_difference"))
    for difference in found:
        st.markdown(f"**{said(difference.intent)}** · `{difference.intent}`")
        st.html(_lines(difference))
    _restore(before, newest)


def _frame(versions: list[Version]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "version": [version.number for version in versions],
            "at": [version.created_at for version in versions],
            "author": [version.author or "IntentLens" for version in versions],
            "what": ["; ".join(act_words(act) for act in version.acts).replace("\\", "") for version in versions],
            "guidelines": [version.guideline_version for version in versions],
        }
    )


def _lines(difference: Difference) -> str:
    """Each line with its mark, shaded as it came or went; what people wrote is escaped."""
    shown = "".join(
        f'<div style="background:{_COLORS[line.mark]};padding:0 .5rem;white-space:pre-wrap;overflow-wrap:anywhere">'
        f"{line.mark} {html.escape(_words(line))}</div>"
        for line in difference.lines
    )
    return f'<div style="font-family:monospace;font-size:.82rem;line-height:1.5">{shown}</div>'


def _words(line: Line) -> str:
    field = t(f"taxonomy.field_{line.field}")
    return f"{field} [{line.language}]: {line.text}" if line.language else f"{field}: {line.text}"


def _restore(number: int, newest: int) -> None:
    if number == newest:
        return
    author = person("taxonomy.person_edits")
    if author is None:
        return
    st.caption(t("taxonomy.restore_help"))
    st.button(
        t("taxonomy.restore", version=number),
        icon=":material/history:",
        on_click=restore,
        args=(number, author),
    )
