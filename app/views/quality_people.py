"""People: how much, how fast and how alike each annotator labels, and what should be asked."""

from typing import Any, get_args

import pandas as pd
import streamlit as st

from app.address import kept_choice
from app.charts.quality import lead_time_figure, over_time_figure
from app.components.parts import download_table, percent, plain, shown_table, with_shown_shares
from app.context import context
from app.i18n import t
from app.intent_names import intent_names
from app.views.quality_data import CHART
from core.intents.annotators import Against, Flag, agreement_of_each, agreement_over_time, annotator_work, find_flags
from core.intents.votes import read_votes

_COLUMNS = (
    "annotator",
    "labels",
    "in_bulk",
    "a_day",
    "skip_share",
    "median_s",
    "hasty",
    "fast",
    "agreed",
    "met",
    "right",
    "golds",
    "most_said",
    "most_share",
    "gold",
    "last_at",
)
_SUGGESTIONS = ("annotator", "shown", "accepted_share", "planted", "planted_share", "accepted_s")
_SHARES = frozenset({"skip_share", "hasty", "fast", "agreed", "right", "most_share", "accepted_share", "planted_share"})
_DECIMALS = frozenset({"a_day", "median_s", "accepted_s"})


def render_people() -> None:
    """The tab."""
    warehouse = context().warehouse
    work, votes = annotator_work(warehouse), read_votes(warehouse)
    names = intent_names()
    _flags(find_flags(work, votes), names, len(work))
    table = work.merge(agreement_of_each(votes), on="annotator", how="left").assign(
        median_s=work["median_ms"] / 1000, most_said=work["most_said"].map(names)
    )
    without = [*(() if table["golds"].any() else ("right", "golds"))]
    without += [name for name in ("gold", "in_bulk") if not table[name].any()]
    _table(table, tuple(name for name in _COLUMNS if name not in without), "annotators")
    left, right = st.columns(2)
    with left, st.container(border=True, height="stretch"):
        _over_time(votes)
    with right, st.container(border=True, height="stretch"):
        _lead_times(work)
    _suggestions(work)


def _flags(flags: list[Flag], names: dict[str, str], annotators: int) -> None:
    if not flags:
        st.success(t("quality.no_flags", n=annotators), icon=":material/check:")
    for flag in flags:
        st.warning(flag_words(flag, names), icon=":material/flag:")


def flag_words(flag: Flag, names: dict[str, str]) -> str:
    """A flag as a sentence with the figure behind it."""
    value = f"{flag.value / 1000:.1f}" if flag.kind == "too_fast" else percent(flag.value)
    return t(
        f"quality.flag_{flag.kind}",
        name=plain(flag.annotator),
        value=value,
        n=flag.base,
        before="" if flag.before is None else percent(flag.before),
        intent=names.get(flag.intent or "", flag.intent or ""),
    )


def _table(table: pd.DataFrame, columns: tuple[str, ...], name: str) -> None:
    config: dict[str, Any] = {}
    for column in columns:
        words, help_words = t(f"quality.column_{column}"), _help(column)
        if column in _SHARES or column in _DECIMALS:
            format = "percent" if column in _SHARES else "%.1f"
            config[column] = st.column_config.NumberColumn(words, format=format, help=help_words)
        else:
            config[column] = st.column_config.Column(words, help=help_words)
    config["last_at"] = st.column_config.DatetimeColumn(t("quality.column_last_at"), format="YYYY-MM-DD HH:mm")
    shown_table(with_shown_shares(table[list(columns)], _SHARES), column_config=config)
    download_table(table[list(columns)], name)


_HELP = frozenset({"a_day", "hasty", "fast", "agreed", "met", "right", "golds", "planted", "most_share"})


def _help(column: str) -> str | None:
    return t(f"quality.help_{column}") if column in _HELP else None


def _over_time(votes: pd.DataFrame) -> None:
    st.subheader(t("quality.over_time"), anchor=False)
    against = _against() if votes["gold"].notna().any() else "others"
    st.caption(t(f"quality.over_time_words_{against}"))
    blocks = agreement_over_time(votes, against)
    if blocks.empty:
        st.info(t(f"quality.over_time_none_{against}"), icon=":material/info:")
        return
    st.plotly_chart(over_time_figure(blocks, t("quality.column_agreed")), config=CHART, key="quality_over_time")
    download_table(blocks, "agreement-over-time")


def _against() -> Against:
    """Whom to compare with (?against=)."""
    choices: tuple[Against, ...] = get_args(Against)
    chosen = kept_choice(
        "against", t("quality.against"), choices, lambda one: t(f"quality.against_{one}"), segmented=True
    )
    return "gold" if chosen == "gold" else "others"


def _lead_times(work: pd.DataFrame) -> None:
    st.subheader(t("quality.lead_times"), anchor=False)
    st.caption(t("quality.lead_times_words"))
    timed = work[work["timed"] > 0]
    if timed.empty:
        st.info(t("quality.lead_times_none"), icon=":material/info:")
        return
    figure = lead_time_figure(timed, t("quality.lead_time_axis"), t("quality.two_seconds"))
    st.plotly_chart(figure, config=CHART, key="quality_lead_times")
    columns = ["annotator", "timed", "low_ms", "quarter_ms", "median_ms", "three_quarters_ms", "high_ms"]
    download_table(timed[columns], "lead-times")


def _suggestions(work: pd.DataFrame) -> None:
    """Whether people read what they are offered; nothing where nobody was offered anything."""
    offered = work[(work["shown"] > 0) | (work["planted"] > 0)]
    if offered.empty:
        return
    st.subheader(t("quality.suggestions"), anchor=False)
    st.caption(t("quality.suggestions_words"))
    table = offered.assign(
        accepted_share=offered["accepted"] / offered["shown"].where(offered["shown"] > 0),
        planted_share=offered["planted_accepted"] / offered["planted"].where(offered["planted"] > 0),
        accepted_s=offered["accepted_ms"] / 1000,
    )
    _table(table, _SUGGESTIONS, "suggestions")
