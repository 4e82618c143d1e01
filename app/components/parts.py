"""Parts every page shares: its header, empty states, figures with their base, downloads."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from app.i18n import t
from app.navigation import PAGES
from app.spreadsheet import spreadsheet_csv

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler


def page_header(title_key: str, help_key: str) -> None:
    """The page's name, and in a line what it is for."""
    st.title(t(title_key), anchor=False)
    st.caption(t(help_key))


def empty_state(title: str, body: str, action_page: str | None = None) -> None:
    """What to see when there is nothing yet: why, and the page where that changes."""
    with st.container(border=True):
        st.subheader(title, anchor=False)
        st.markdown(body)
        if action_page is not None:
            page_link(action_page)


def page_link(url: str, label: str | None = None, **query: str) -> None:
    """A link to one of our pages, under its own name without a label; `query` goes into the address."""
    page = next(page for page in PAGES if page.url == url)
    st.page_link(str(page.file), label=label or t(page.title_key), icon=page.icon, query_params=query or None)


def here_link(url: str, label: str, **query: str) -> None:
    """As `page_link` to the very page that it stands on: the address becomes what `query` says, and the page follows.

    Streamlit's own link would draw the page by `query` once and leave the browser's address as it was, to which the
    next run goes back.
    """
    page = next(page for page in PAGES if page.url == url)
    key = f"here-{url}-{'-'.join(query.values())}"
    if st.button(label, icon=page.icon, type="tertiary", key=key):
        st.query_params.from_dict(query)
        st.rerun()


def shown_table(frame: "pd.DataFrame | Styler", **options: Any) -> Any:
    """A table as every page shows it: without row numbers, and with nothing where nothing is known.

    Args:
        options: `st.dataframe`'s own.
    """
    return st.dataframe(frame, hide_index=True, placeholder="", **options)


def download_table(frame: pd.DataFrame, name: str, key: str | None = None, label: str | None = None) -> None:
    """A button that downloads the table as CSV; a label tells several on a page apart."""
    st.download_button(
        label or t("shell.download_csv"),
        spreadsheet_csv(frame),
        file_name=f"{name}.csv",
        mime="text/csv",
        icon=":material/download:",
        key=key or f"download-{name}",
        on_click="ignore",
        disabled=frame.empty,
    )


def stat_tiles(tiles: list[tuple[str, str, str]]) -> None:
    """A row of figures: (name, value, what it is of)."""
    with st.container(horizontal=True):
        for name, value, base in tiles:
            with st.container(border=True, width="stretch", height="stretch", gap="xsmall"):
                st.caption(name)
                st.markdown(f"### {value}")
                if base:
                    st.caption(base)


def plain(text: str) -> str:
    """Text of a shopper's or tracker's own for a label, where Streamlit would read it as Markdown."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|~$:<>&])", r"\\\1", text)


def with_shown_shares(frame: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """The table with shares rounded as `percent` says them: a column of a table would show 36.88% beside 80.5%."""
    shares = {name: frame[name].astype("float64") for name in names if name in frame}
    return frame.assign(**{name: share.round(3).where(share < 0.1, share.round(2)) for name, share in shares.items()})


def sentence(text: str) -> str:
    """A sentence of ours around what others gave, an error above all: no link, picture, formula or emphasis is made of
    it. Backticks around commands are ours; an underscore within a word means nothing."""
    return re.sub(r"([\\\[\]<$*]|(?<![^\W_])_|_(?![^\W_]))", r"\\\1", text)


def percent(share: float) -> str:
    """A share as a percentage with a decimal below ten."""
    return f"{share:.1%}" if share < 0.1 else f"{share:.0%}"
