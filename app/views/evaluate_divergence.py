"""Two models on the same sessions, labelled or not: where they answer otherwise, and what speaks for it in each."""

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from app.components.confusion import confusion
from app.components.parts import download_table, percent, shown_table, stat_tiles, with_shown_shares
from app.components.shared.payload import component_texts, locale
from app.context import context
from app.i18n import t
from app.views.evaluate_cases import render_cases, with_names
from app.views.evaluate_confusion import intents_shown, keep_cell
from app.views.evaluate_data import intent_names, report_of
from app.views.evaluate_parts_beside import render_parts_beside
from core.registry.models import ModelRecord
from core.store.evaluation_queries import states_beside

if TYPE_CHECKING:
    from core.evaluation.divergence import Answers, Divergence

MOST_SESSIONS = 20_000
_CELL = ("one", "other")
"""Names of a chosen cell in the address: what the first model says, and what the second does."""


def render_divergence(first: ModelRecord, second: ModelRecord) -> None:
    """Agreement, the matrix of the two, the sessions furthest apart, and how what speaks for an intent differs."""
    with st.container(border=True):
        st.subheader(t("evaluate_divergence.title"), anchor=False)
        found, scored = _divergence(first, second)
        if found is None:
            st.info(t("evaluate_divergence.nothing"), icon=":material/join_inner:")
        else:
            words = "scored" if scored else "held_out"
            st.caption(t(f"evaluate_divergence.{words}", n=found.n, visitors=found.visitors))
            _headline(found)
            _matrix(found, first, second)
            _by_intent(found, first, second)
        if not scored:
            _score(first, second)
        render_parts_beside(first, second)


def _divergence(first: ModelRecord, second: ModelRecord) -> "tuple[Divergence | None, bool]":
    """On the latest sessions that both scored, else on those both held out; and whether on scored ones."""
    from core.evaluation.divergence import answers_of_records, answers_of_states, diverge

    states = states_beside(context().warehouse, first.model_id, second.model_id, MOST_SESSIONS)
    if len(states):
        return diverge(answers_of_states(states, (first.intents, second.intents))), True
    one, other = report_of(first), report_of(second)
    answers: Answers | None = answers_of_records(one.records, other.records) if one and other else None
    return (diverge(answers) if answers is not None else None), False


def _score(first: ModelRecord, second: ModelRecord) -> None:
    """Offer to score all sessions by those that have not, one after another in the queue of jobs."""
    from core.store.prediction_queries import has_states

    waiting = [model for model in (first, second) if not has_states(context().warehouse, model.model_id)]
    names = ", ".join(model.model_id for model in waiting) or first.model_id
    if any(run.kind == "score" and not run.is_over for run in context().jobs.runs()):
        st.caption(t("evaluate_divergence.scoring"))
    elif st.button(t("evaluate_divergence.score", models=names), icon=":material/play_arrow:", key="score_both"):
        for model in waiting or [first, second]:
            context().jobs.start("score", {}, base_model=model.folder)
        st.rerun()


def _headline(found: "Divergence") -> None:
    agreement, kappa = found.agreement, found.kappa
    apart = found.n - int(found.confusion.trace())
    undefined = kappa.value != kappa.value
    stat_tiles(
        [
            (
                t("evaluate_divergence.agreement"),
                percent(agreement.value),
                t("evaluate_divergence.interval", low=percent(agreement.low), high=percent(agreement.high)),
            ),
            (
                t("evaluate_divergence.kappa"),
                "–" if undefined else f"{kappa.value:.2f}",
                t("evaluate_divergence.kappa_undefined")
                if undefined
                else t("evaluate_divergence.interval", low=f"{kappa.low:.2f}", high=f"{kappa.high:.2f}"),
            ),
            (t("evaluate_divergence.apart"), f"{apart:,}", t("evaluate_divergence.apart_of", n=f"{found.n:,}")),
        ]
    )


def _matrix(found: "Divergence", first: ModelRecord, second: ModelRecord) -> None:
    key = f"divergence.{first.model_id}.{second.model_id}"

    def on_cell() -> None:
        cell = st.session_state[key].cell or {}
        keep_cell({"one": cell.get("answer", ""), "other": cell.get("guess", "")}, _CELL)

    asked = tuple(st.query_params.get(name) for name in _CELL)
    selected = asked if all(intent in found.intents for intent in asked) else None
    texts = component_texts("evaluate_divergence")
    data = {
        "language": locale(),
        "texts": texts
        | {"rows": t("evaluate_divergence.rows", model=first.model_id)}
        | {"columns": t("evaluate_divergence.columns", model=second.model_id)},
        "intents": intents_shown(found.intents),
        "counts": found.confusion.tolist(),
        "selected": selected,
    }
    confusion(data, key=key, on_cell=on_cell)
    names = intent_names(found.intents)
    labels = [names[intent] for intent in found.intents]
    frame = pd.DataFrame(found.confusion, index=pd.Index(labels, name=first.model_id), columns=labels)
    download_table(frame.reset_index(), f"confusion-{first.model_id}-{second.model_id}")
    _cases(found, selected, first, second)


def _cases(
    found: "Divergence", selected: tuple[str | None, ...] | None, first: ModelRecord, second: ModelRecord
) -> None:
    """The sessions of the chosen cell, or all, the furthest apart first."""
    rows = found.sessions[found.sessions["first"] != found.sessions["second"]]
    title = t("evaluate_divergence.furthest")
    if selected:
        names = intent_names(found.intents)
        rows = found.cell(str(selected[0]), str(selected[1]))
        one, other = names[str(selected[0])], names[str(selected[1])]
        title = t(
            "evaluate_divergence.behind", a=first.model_id, b=second.model_id, first=one, second=other, n=len(rows)
        )
    st.markdown(f"**{title}**")
    if rows.empty:
        st.caption(t("evaluate_divergence.no_session"))
        return
    render_cases(rows, "evaluate_divergence.case")
    st.caption(t("evaluate_divergence.distance"))
    download_table(with_names(rows), f"apart-{first.model_id}-{second.model_id}")


def _by_intent(found: "Divergence", first: ModelRecord, second: ModelRecord) -> None:
    names = intent_names(found.intents)
    frame = found.per_intent.assign(
        intent=found.per_intent["intent"].map(names),
        interval=[
            f"{percent(low)} – {percent(high)}"
            for low, high in zip(found.per_intent["low"], found.per_intent["high"], strict=True)
        ],
    ).drop(columns=["low", "high"])
    config = {
        "intent": t("evaluate.column_intent"),
        "first": first.model_id,
        "second": second.model_id,
        "both": t("evaluate_divergence.both"),
        "agreement": st.column_config.NumberColumn(t("evaluate_divergence.positive"), format="percent"),
        "interval": t("evaluate_divergence.column_interval"),
    }
    st.caption(t("evaluate_divergence.by_intent"))
    shown_table(with_shown_shares(frame, ["agreement"]), column_config=config, key="divergence_intents")
    download_table(frame, f"agreement-{first.model_id}-{second.model_id}")
