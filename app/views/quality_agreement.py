"""Agreement: alpha with its interval and what it means, kappa by pair, and which intents are confused."""

from typing import Any

import pandas as pd
import streamlit as st

from app.address import keep, kept_choice
from app.charts.quality import disagreement_figure
from app.components.confusion import confusion as matrix
from app.components.parts import (
    download_table,
    here_link,
    page_link,
    percent,
    shown_table,
    stat_tiles,
    with_shown_shares,
)
from app.components.shared.payload import component_texts, intent_records, locale
from app.context import context
from app.i18n import t
from app.intent_names import intent_names
from app.views.quality_data import CHART, choose_kind, named
from core.intents.adjudication import count_disputes
from core.intents.agreement import (
    Alpha,
    Kappa,
    cohen_kappas,
    confusion,
    disagreement_by_intent,
    krippendorff_alpha,
    meetings,
)
from core.intents.annotations import TargetKind
from core.intents.taxonomy import load_taxonomy
from core.intents.votes import read_votes

RELIABLE, TENTATIVE = 0.8, 0.667
"""Krippendorff 2004, Content Analysis, p. 241."""
_LOOK = {"reliable": (st.success, "verified"), "tentative": (st.info, "balance"), "low": (st.warning, "groups")}
_EVERYONE = ""
_MOST_BEHIND = 200


def verdict(alpha: float) -> str:
    """What may be built on labels of this alpha: `reliable`, `tentative` or `low`."""
    return "reliable" if alpha >= RELIABLE else "tentative" if alpha >= TENTATIVE else "low"


def render_agreement() -> None:
    """The tab, for sessions or for events."""
    kind = choose_kind()
    votes = _under_guidelines(read_votes(context().warehouse, kind))
    alpha, kappas = krippendorff_alpha(votes), cohen_kappas(votes)
    _say(alpha)
    _tiles(kind, votes, alpha, kappas)
    if alpha.targets:
        left, right = st.columns(2)
        with left, st.container(border=True, height="stretch"):
            _by_intent(votes)
        with right, st.container(border=True, height="stretch"):
            _pairs(kappas)
        with st.container(border=True):
            _confusion(kind, votes, [kappa for kappa in kappas if kappa.shared])
    with st.expander(t("quality.method"), icon=":material/science:"):
        st.markdown(t("quality.method_words"))


def _under_guidelines(votes: pd.DataFrame) -> pd.DataFrame:
    """The votes given under one version of the guidelines (?guidelines=), or all; asked where there are several."""
    versions = sorted(votes["guideline_version"].dropna().astype(int).unique().tolist(), reverse=True)
    if len(versions) < 2:
        return votes
    chosen = kept_choice(
        "guidelines",
        t("quality.guidelines"),
        ["", *map(str, versions)],
        lambda one: t("quality.guidelines_version", version=one) if one else t("quality.guidelines_all"),
        width=220,
        help=t("quality.guidelines_help"),
    )
    return votes[votes["guideline_version"] == int(chosen)] if chosen else votes


def _say(alpha: Alpha) -> None:
    if alpha.value is None:
        st.info(t(f"quality.undefined_{alpha.undefined}"), icon=":material/info:")
        return
    kind = verdict(alpha.value)
    show, icon = _LOOK[kind]
    show(t(f"quality.verdict_{kind}", alpha=f"{alpha.value:.2f}", n=alpha.targets), icon=f":material/{icon}:")


def _tiles(kind: TargetKind, votes: pd.DataFrame, alpha: Alpha, kappas: list[Kappa]) -> None:
    met = meetings(votes)
    agreed = percent(float((met["intent"] == met["other"]).mean())) if len(met) else "–"
    targets, pairs = votes["target"].nunique(), sum(kappa.shared > 0 for kappa in kappas)
    stat_tiles(
        [
            (t("quality.alpha"), _figure(alpha.value), _interval(alpha)),
            (t("quality.agreed"), agreed, t("quality.agreed_of", n=len(met) // 2, pairs=pairs)),
            (t("quality.shared"), f"{alpha.targets:,}", t("quality.shared_of", n=f"{targets:,}")),
            (
                t("quality.open_disputes"),
                f"{count_disputes(context().warehouse, target_kind=kind):,}",
                t("quality.open_disputes_of"),
            ),
        ]
    )


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}".replace("-", "−")


def _interval(alpha: Alpha) -> str:
    if alpha.low is None:
        return t("quality.no_interval") if alpha.undefined is None else t(f"quality.reason_{alpha.undefined}")
    return t("quality.interval", low=_figure(alpha.low), high=_figure(alpha.high))


def _by_intent(votes: pd.DataFrame) -> None:
    st.subheader(t("quality.by_intent"), anchor=False)
    st.caption(t("quality.by_intent_words"))
    names = _names()
    found = disagreement_by_intent(votes, list(names))
    figure = disagreement_figure(found, names, t("quality.disagreed_share"), t("quality.mostly"))
    st.plotly_chart(figure, config=CHART, key="quality_by_intent")
    rivals = [named(names, rival) for rival in found["rival"]]
    download_table(found.assign(intent=found["intent"].map(names), rival=rivals), "disagreement-by-intent")


def _pairs(kappas: list[Kappa]) -> None:
    st.subheader(t("quality.pairs"), anchor=False)
    st.caption(t("quality.pairs_words"))
    reasons = [t(f"quality.reason_{kappa.undefined}") if kappa.undefined else "" for kappa in kappas]
    frame = pd.DataFrame([vars(kappa) for kappa in kappas]).assign(undefined=reasons)
    columns = ["first", "second", "value", "agreed", "shared", *(["undefined"] if any(reasons) else [])]
    config: dict[str, Any] = {name: t(f"quality.pair_{name}") for name in columns}
    config["value"] = st.column_config.NumberColumn(t("quality.pair_value"), format="%.2f")
    config["agreed"] = st.column_config.NumberColumn(t("quality.pair_agreed"), format="percent")
    shown_table(with_shown_shares(frame[columns], ["agreed"]), column_config=config)
    download_table(frame[columns], "kappa")


def _confusion(kind: TargetKind, votes: pd.DataFrame, kappas: list[Kappa]) -> None:
    st.subheader(t("quality.confusion"), anchor=False)
    pairs = {f"{kappa.first} · {kappa.second}": (kappa.first, kappa.second) for kappa in kappas}
    choices = list(pairs) if len(pairs) == 1 else [_EVERYONE, *pairs]
    chosen = kept_choice("pair", t("quality.pair"), choices, lambda pair: pair or t("quality.everyone"), width=320)
    pair = pairs.get(chosen)
    first, second = pair or (t("quality.one"), t("quality.another"))
    st.caption(t("quality.confusion_words", first=first, second=second))
    intents = [record for record in intent_records(load_taxonomy(context().warehouse)) if _said(votes, record["id"])]
    ids = [record["id"] for record in intents]
    counts = confusion(votes, ids, pair)
    key = f"agreement.{kind}.{chosen}"
    asked = (st.query_params.get("row"), st.query_params.get("column"))
    selected = asked if all(intent in ids for intent in asked) else None
    texts = component_texts("quality")
    texts |= {"rows": f"{first} ↓", "columns": f"{second} →"}
    data = {"language": locale(), "texts": texts, "intents": intents, "counts": counts.tolist(), "selected": selected}
    matrix(data, key=key, on_cell=lambda: _keep_cell(st.session_state[key].cell or {}))
    names = [record["name"] for record in intents]
    frame = pd.DataFrame(counts, index=pd.Index(names, name=f"{first} / {second}"), columns=names)
    download_table(frame.reset_index(), "confusion-of-annotators")
    if selected:
        _behind(kind, votes, pair, str(selected[0]), str(selected[1]))


def _said(votes: pd.DataFrame, intent: str) -> bool:
    return bool((votes["intent"] == intent).any())


def _keep_cell(cell: dict[str, str]) -> None:
    keep("row", cell.get("answer") or "")
    keep("column", cell.get("guess") or "")


def _behind(kind: TargetKind, votes: pd.DataFrame, pair: tuple[str, str] | None, one: str, other: str) -> None:
    """The targets of a cell; a chosen one offers where to go."""
    names = _names()
    met = meetings(votes, pair)
    found = met[(met["intent"] == one) & (met["other"] == other)].head(_MOST_BEHIND).reset_index(drop=True)
    st.markdown(f"**{t('quality.behind', one=names[one], other=names[other], n=len(found))}**")
    if found.empty:
        return
    columns = ["session_id", *(["event_id"] if kind == "event" else []), "annotator", "by", "created_at", "gold"]
    table = found.assign(gold=[named(names, gold) for gold in found["gold"]])[columns]
    config = {name: t(f"quality.column_{name}") for name in columns}
    chosen = shown_table(table, column_config=config, on_select="rerun", selection_mode="single-row", key="behind")
    if chosen.selection.rows:
        row = found.iloc[chosen.selection.rows[0]]
        with st.container(horizontal=True):
            if one != other and not table["gold"].iloc[chosen.selection.rows[0]]:
                here_link("quality", t("quality.settle"), tab="disputes", kind=kind, target=str(row["target"]))
            page_link("label", t("quality.label_again"), session=str(row["session_id"]))
    download_table(table, f"{one}-{other}")


def _names() -> dict[str, str]:
    return intent_names()
