"""All rules in a table: how often each fires, agrees, contradicts, and is right where people labeled."""

from typing import Any

import pandas as pd
import streamlit as st

from app.components.parts import download_table, percent, plain, sentence, shown_table, stat_tiles, with_shown_shares
from app.context import context
from app.i18n import t
from app.intent_names import intent_names
from app.spreadsheet import spreadsheet_csv
from app.views.rules_state import draft, open_rule, turn
from core.weak.analysis import RuleFigures, conflict, coverage, judge, rule_figures
from core.weak.fitting import active_rules, fit_rules, rule_patterns, state_key
from core.weak.journal import merged_rules
from core.weak.labeling_function import LabelingFunction
from core.weak.votes_table import votes_table
from core.weak.voting import Patterns

COLUMNS = ("name", "intent", "state", "coverage", "overlap", "conflict", "accuracy", "labeled", "interval", "chance")
_SHARES = ("overlap", "conflict", "accuracy", "chance")
_MOST_SHOWN, _HEIGHT = 15, 520


def render_table(rules: list[LabelingFunction]) -> None:
    """Draw the tiles, the table and its downloads; a chosen row goes into the editor."""
    active = active_rules(context().warehouse)
    for rule in rules:
        if rule.rule_id in active.problems:
            st.warning(sentence(f"{rule.name}: {active.problems[rule.rule_id]}"), icon=":material/rule:")
    _say_merged(rules)
    patterns = _patterns(active.usable)
    if patterns.rules:
        stat_tiles(_tiles(patterns, len(rules)))
    figures = {row.rule.rule_id: row for row in rule_figures(patterns)}
    frame = _frame(rules, figures, set(active.problems))
    chosen = shown_table(
        with_shown_shares(frame, (*_SHARES, "coverage")),
        column_config=_config(),
        on_select="rerun",
        selection_mode="single-row",
        height="content" if len(frame) <= _MOST_SHOWN else _HEIGHT,
        key=f"rule_table.{turn()}",
    )
    st.caption(t("rules.table_help"))
    with st.container(horizontal=True):
        download_table(frame, "rules")
        _download_votes(bool(patterns.rules))
    if chosen.selection.rows:
        rule = rules[chosen.selection.rows[0]]
        current = draft()
        if current is None or current.rule_id != rule.rule_id:
            open_rule(rule.rule_id)
            st.rerun()


def _say_merged(rules: list[LabelingFunction]) -> None:
    """Which rules vote for another intent than they were saved for."""
    names, given = intent_names(), merged_rules(context().warehouse)
    for rule in rules:
        if rule.rule_id in given:
            before = names.get(given[rule.rule_id], given[rule.rule_id])
            now = names.get(rule.intent, rule.intent)
            st.caption(t("rules.follows_merge", name=plain(rule.name), before=before, now=now))


def _patterns(rules: tuple[LabelingFunction, ...]) -> Patterns:
    """The votes, kept until a rule, the log or the labels change; the label model is fitted then as well."""
    key = state_key(context().warehouse, rules)
    kept = st.session_state.get("rules.patterns")
    if kept is None or kept[0] != key:
        with st.spinner(t("rules.voting")):
            patterns = rule_patterns(context().warehouse, rules)
            if rules:
                fit_rules(context().warehouse, patterns)
        kept = st.session_state["rules.patterns"] = (key, patterns)
    found: Patterns = kept[1]
    return found


def _tiles(patterns: Patterns, rules: int) -> list[tuple[str, str, str]]:
    sessions = f"{int(patterns.sessions.sum()):,}"
    tiles = [
        (t("rules.tile_active"), str(len(patterns.rules)), t("rules.tile_active_base", n=rules)),
        (t("rules.tile_coverage"), percent(coverage(patterns)), t("rules.tile_coverage_base", n=sessions)),
        (t("rules.tile_conflict"), percent(conflict(patterns)), t("rules.tile_conflict_base")),
    ]
    judgement = judge(patterns)
    if judgement is not None:
        base = t("rules.tile_model_base", majority=percent(judgement.majority), n=judgement.labeled)
        tiles.append((t("rules.tile_model"), percent(judgement.label_model), base))
    return tiles


def _frame(rules: list[LabelingFunction], figures: dict[str, RuleFigures], broken: set[str]) -> pd.DataFrame:
    names = intent_names()
    rows = []
    for rule in rules:
        state = "broken" if rule.rule_id in broken else "active" if rule.active else "inactive"
        row: dict[str, Any] = {"name": rule.name, "intent": names.get(rule.intent, rule.intent)}
        rows.append(row | {"state": t(f"rules.state_{state}")} | _figures(figures.get(rule.rule_id)))
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.astype(dict.fromkeys((*_SHARES, "coverage"), "float64"))


def _figures(row: RuleFigures | None) -> dict[str, Any]:
    if row is None:
        return {"labeled": "", "interval": ""}
    interval = "" if row.low is None or row.high is None else f"{row.low:.0%} – {row.high:.0%}"
    known = {name: getattr(row, name) for name in ("coverage", "overlap", "conflict", "accuracy", "chance")}
    return known | {"labeled": t("rules.right_of", correct=row.correct, n=row.labeled), "interval": interval}


def _config() -> dict[str, Any]:
    def words(name: str) -> dict[str, str]:
        return {"label": t(f"rules.column_{name}"), "help": t(f"rules.column_{name}_help")}

    config: dict[str, Any] = {name: t(f"rules.column_{name}") for name in ("name", "intent", "state")}
    config["name"] = st.column_config.TextColumn(t("rules.column_name"), pinned=True, width=230)
    config["coverage"] = st.column_config.ProgressColumn(
        **words("coverage"), min_value=0.0, max_value=1.0, format="percent"
    )
    config |= {name: st.column_config.NumberColumn(**words(name), format="percent") for name in _SHARES}
    return config | {name: st.column_config.TextColumn(**words(name)) for name in ("labeled", "interval")}


def _download_votes(possible: bool) -> None:
    """The votes of all sessions, made when asked for."""
    st.download_button(
        t("rules.download_votes"),
        data=lambda: spreadsheet_csv(votes_table(context().warehouse)).encode(),
        file_name="votes.csv",
        mime="text/csv",
        icon=":material/download:",
        key="download-votes",
        on_click="ignore",
        disabled=not possible,
    )
