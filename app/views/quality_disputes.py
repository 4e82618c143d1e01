"""Disputes: what annotators differ on, one after another, settled by one key."""

import time
from typing import Any

import pandas as pd
import streamlit as st

from app.address import keep, kept_choice
from app.components.parts import download_table, page_link, plain, shown_table
from app.components.shared.payload import intent_records
from app.context import context
from app.guard import guard
from app.i18n import t
from app.views.quality_data import choose_kind, known_person, named, person
from app.views.quality_evidence import render_events, render_votes
from app.views.quality_example import offer_example
from core.events.rows import plain_rows
from core.intents.adjudication import (
    Target,
    count_disputes,
    journal_place,
    last_decision,
    list_disputes,
    settle,
    take_back,
    votes_on,
)
from core.intents.annotations import TargetKind
from core.intents.taxonomy import load_taxonomy

MOST_LISTED = 200
_RESERVED_KEYS = frozenset("cr")
"""Streamlit's own."""
_BUTTONS_A_ROW = 3


def render_disputes() -> None:
    """The tab."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = choose_kind()
        records = intent_records(load_taxonomy(context().warehouse))
        names = {record["id"]: record["name"] for record in records}
        intent = kept_choice(
            "intent", t("quality.with_intent"), ["", *names], lambda one: names.get(one, t("quality.any")), width=220
        )
    _desk(kind, intent or None, known_person(), records)


@st.fragment  # type: ignore[untyped-decorator]
def _desk(kind: TargetKind, intent: str | None, adjudicator: str | None, records: list[dict[str, Any]]) -> None:
    """The dispute at hand and the list; it reruns alone when one is settled.

    Args:
        adjudicator: who settles; None while nobody said, who may look all the same.
    """
    with guard():
        names = {record["id"]: record["name"] for record in records}
        left = count_disputes(context().warehouse, target_kind=kind, intent=intent)
        _head(left, adjudicator, names)
        if not left:
            st.success(t("quality.no_disputes"), icon=":material/check:")
            return
        found = list_disputes(context().warehouse, target_kind=kind, intent=intent, limit=MOST_LISTED)
        row = _at_hand(found)
        _card(row, adjudicator, records, last=left == 1)
        _list(found, left, names)


def _head(left: int, adjudicator: str | None, names: dict[str, str]) -> None:
    if adjudicator is None:
        st.markdown(t("quality.disputes_waiting", n=left))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(t("quality.disputes_left", n=left, name=plain(adjudicator)))
        decision = last_decision(context().warehouse, adjudicator)
        if decision is not None:
            client_id, target, intent, _ = decision
            st.button(
                t("quality.take_back", target=plain(target.id), intent=named(names, intent)),
                icon=":material/undo:",
                shortcut="u",
                on_click=_take_back,
                args=(client_id, target, adjudicator),
            )


def _at_hand(found: pd.DataFrame) -> dict[str, Any]:
    """The dispute the address names, else the first that was not put off."""
    rows = plain_rows(found)
    asked, later = st.query_params.get("target"), st.session_state.setdefault("quality_later", [])
    named_row = next((row for row in rows if row["target"] == asked), None)
    if asked and named_row is None:
        st.query_params.pop("target", None)
    return named_row or next((row for row in rows if row["target"] not in later), rows[0])


def _card(row: dict[str, Any], adjudicator: str | None, records: list[dict[str, Any]], last: bool) -> None:
    target = Target(row["target_kind"], row["session_id"], row["event_id"])
    if st.session_state.get("quality_shown", ("",))[0] != target.id:
        st.session_state["quality_shown"] = (target.id, time.monotonic())
    votes = votes_on(context().warehouse, target)
    evidence, decision = st.columns([3, 2])
    with evidence, st.container(border=True, height="stretch"):
        st.markdown(f"**{t(f'quality.dispute_{target.target_kind}', target=plain(target.id))}**")
        render_events(target)
        with st.container(horizontal=True):
            page_link("visitor", t("quality.timeline"), visitor=row["visitor_id"], session=target.session_id)
            page_link("label", t("quality.label_again"), session=target.session_id)
            if adjudicator is not None:
                offer_example(target.session_id, str(votes["intent"].mode().iloc[0]), adjudicator)
    with decision, st.container(border=True, height="stretch"):
        st.markdown(f"**{t('quality.votes')}**")
        render_votes(votes, records)
        if adjudicator is None:
            person("quality.person_decides")
        else:
            st.text_input(t("quality.note"), key=f"quality_note.{target.id}", max_chars=500)
            _choices(target, votes, adjudicator, records)
        st.button(
            t("quality.later"), icon=":material/schedule:", shortcut="s", disabled=last, on_click=_later, args=(target,)
        )
        if adjudicator is not None:
            st.caption(t("quality.decide_words"))


def _choices(target: Target, votes: pd.DataFrame, adjudicator: str, records: list[dict[str, Any]]) -> None:
    """A button an intent, those that somebody said filled."""
    said, seen = set(votes["intent"]), journal_place(context().warehouse, target)
    for start in range(0, len(records), _BUTTONS_A_ROW):
        with st.container(horizontal=True, gap="small"):
            for record in records[start : start + _BUTTONS_A_ROW]:
                st.button(
                    record["name"],
                    key=f"settle.{record['id']}",
                    type="primary" if record["id"] in said else "secondary",
                    shortcut=_shortcut(record["key"]),
                    help=record["definition"],
                    on_click=_settle,
                    args=(target, record["id"], adjudicator, seen),
                )


def _shortcut(key: str) -> str | None:
    """The intent's key, where Streamlit can take it."""
    return key if len(key) == 1 and key.isalnum() and key.lower() not in _RESERVED_KEYS | {"u", "s"} else None


def _settle(target: Target, intent: str, adjudicator: str, seen: int) -> None:
    with guard():
        shown_id, since = st.session_state.get("quality_shown", ("", 0.0))
        took = round((time.monotonic() - since) * 1000) if shown_id == target.id else None
        note = str(st.session_state.get(f"quality_note.{target.id}", "")).strip()
        warehouse = context().warehouse
        settled = settle(warehouse, target, intent, adjudicator=adjudicator, seen=seen, note=note, lead_time_ms=took)
        if settled is None:
            st.toast(t("quality.changed_meanwhile"), icon=":material/sync_problem:")
        st.query_params.pop("target", None)


def _take_back(client_id: str, target: Target, adjudicator: str) -> None:
    with guard():
        take_back(context().warehouse, client_id, adjudicator=adjudicator)
        keep("target", target.id)


def _later(target: Target) -> None:
    later = st.session_state.setdefault("quality_later", [])
    st.session_state["quality_later"] = [one for one in later if one != target.id] + [target.id]
    st.query_params.pop("target", None)


def _list(found: pd.DataFrame, left: int, names: dict[str, str]) -> None:
    """All that wait; a chosen one is taken up."""
    st.subheader(t("quality.waiting"), anchor=False)
    if left > len(found):
        st.caption(t("quality.waiting_first", shown=len(found), n=f"{left:,}"))
    said = [", ".join(names.get(intent, intent) for intent in sorted(row)) for row in found["said"]]
    columns = ["session_id", *(["event_id"] if found["event_id"].notna().any() else []), "said", "votes", "unsure"]
    table = found.assign(said=said)[[*columns, "last_at"]]
    chosen = shown_table(
        table,
        column_config={name: t(f"quality.column_{name}") for name in table},
        on_select="rerun",
        selection_mode="single-row",
        key=f"disputes.{left}",
    )
    rows = chosen.selection.rows
    if rows and st.query_params.get("target") != found["target"].iloc[rows[0]]:
        keep("target", str(found["target"].iloc[rows[0]]))
        st.rerun(scope="fragment")
    download_table(table, "disputes")
