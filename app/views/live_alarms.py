"""The alarms on the Live page: what each rule sees now, their history, and their thresholds."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from app.components.parts import download_table, percent, shown_table
from app.context import context
from app.guard import guard
from app.i18n import t
from app.intent_names import intent_names
from core.intents.taxonomy import load_taxonomy
from core.realtime.alarm_rules import Finding
from core.realtime.alarm_settings import ALARM_RULES, RANGES, AlarmSettings, alarm_settings
from core.store.alarm_queries import AlarmRow, list_alarms

MOST_LISTED = 500
REFRESH_S = 10
WHOLE = ("window_minutes", "before_minutes", "leave_after_minutes", "leaving_least", "support_least")
WHOLE_TOO = ("silence_least", "unsure_least")
SHARES = ("leaving_rise", "silence_share", "unsure_share")


def render_alarms() -> None:
    """Draw the panel."""
    with st.expander(t("live.alarms"), icon=":material/notifications:"):
        _now()
        _history(list_alarms(context().warehouse, MOST_LISTED))
        _thresholds()


@st.fragment(run_every=REFRESH_S)  # type: ignore[untyped-decorator]
def _now() -> None:
    """What each rule found when it was judged last."""
    found = context().alarms.found
    if not found:
        st.caption(t("live.alarms_soon"))
        return
    shown_table(pd.DataFrame([_finding_row(finding) for finding in found.values()]))


def before_of(rule: str, numbers: Mapping[str, Any]) -> float:
    """The rate or share of before; the rule of the unsure compares with its threshold and tells it apart."""
    if rule != "unsure":
        return float(numbers["base"])
    return float(numbers["base_count"] / numbers["base_n"]) if numbers["base_n"] else 0.0


def _finding_row(finding: Finding) -> dict[str, Any]:
    rate, before = finding.rule == "silence", before_of(finding.rule, finding.as_json())
    value, base = (f"{one:,.1f}" if rate else percent(one) for one in (finding.value, before))
    return {
        t("live.column_rule"): t(f"live.component.alarm_title_{finding.rule}"),
        t("live.column_now"): value,
        t("live.column_n"): f"{finding.count:,.0f} / {finding.n:,.0f}",
        t("live.column_base"): base,
        t("live.column_base_n"): f"{finding.base_count:,.0f} / {finding.base_n:,.0f}",
        t("live.column_chance"): f"{finding.chance:.2g}",
        t("live.column_state"): t("live.rule_over" if finding.over else "live.rule_calm"),
    }


def _history(rows: list[AlarmRow]) -> None:
    st.subheader(t("live.history"), anchor=False)
    if not rows:
        st.caption(t("live.history_none"))
        return
    table = pd.DataFrame([_history_row(row) for row in rows])
    shown_table(table)
    download_table(table, "alarms", label=t("live.download_alarms"))


def _history_row(row: AlarmRow) -> dict[str, Any]:
    numbers = row.numbers
    return {
        t("live.column_rule"): t(f"live.component.alarm_title_{row.rule}"),
        t("live.column_began"): row.began_at,
        t("live.column_ended"): row.ended_at,
        t("live.column_ending"): t(f"live.ending_{row.ending}") if row.ending else t("live.rings"),
        t("live.column_value"): round(numbers["value"], 3),
        t("live.column_base"): round(before_of(row.rule, numbers), 3),
        t("live.column_n"): f"{numbers['count']:,.0f} / {numbers['n']:,.0f}",
        t("live.column_seen"): row.acknowledged_at,
    }


def _thresholds() -> None:
    st.subheader(t("live.thresholds"), anchor=False)
    st.caption(t("live.thresholds_help"))
    now = context().alarms.settings
    with st.form("alarm_thresholds", border=False):
        rules = st.pills(
            t("live.rules"),
            ALARM_RULES,
            selection_mode="multi",
            default=list(now.rules),
            format_func=lambda rule: t(f"live.component.alarm_title_{rule}"),
        )
        chosen: dict[str, Any] = {"rules": list(rules)} | _intents(now) | _numbers(now)
        with st.container(horizontal=True):
            saved = st.form_submit_button(t("live.save"), type="primary")
            usual = st.form_submit_button(t("live.usual_thresholds"))
    if saved or usual:
        with guard():
            settings = AlarmSettings() if usual else alarm_settings(now.as_json() | chosen)
            context().alarms.change_settings(settings)
            st.toast(t("live.saved"))
            st.rerun()


def _intents(now: AlarmSettings) -> dict[str, list[str]]:
    """Which intents are about to buy, and which need support; those of earlier days stay choosable while chosen."""
    names = intent_names()
    active = [intent.id for intent in load_taxonomy(context().warehouse)]
    left, right = st.columns(2)
    chosen = {}
    for place, name in ((left, "buying"), (right, "support")):
        known = getattr(now, name)
        choices = [*active, *(intent for intent in known if intent not in active)]
        words = t(f"live.{name}")
        chosen[name] = place.multiselect(words, choices, list(known), format_func=lambda one: names.get(one, one))
    return chosen


def _numbers(now: AlarmSettings) -> dict[str, float]:
    columns = st.columns(3)
    chosen: dict[str, float] = {}
    for place, (name, (least, most)) in enumerate(RANGES.items()):
        value, words, help_words = getattr(now, name), t(f"live.threshold_{name}"), t(f"live.threshold_{name}_help")
        with columns[place % 3]:
            if name in WHOLE + WHOLE_TOO:
                chosen[name] = int(st.number_input(words, int(least), int(most), int(value), help=help_words))
            elif name in SHARES:
                percents = st.number_input(
                    words, least * 100, most * 100, value * 100, 1.0, format="%.0f", help=help_words
                )
                chosen[name] = round(percents / 100, 4)
            else:
                step = 0.1 if name == "support_times" else 0.00001
                digits = "%.1f" if name == "support_times" else "%.6f"
                shown = st.number_input(words, float(least), float(most), float(value), step, digits, help=help_words)
                chosen[name] = float(shown)
    return chosen
