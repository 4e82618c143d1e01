"""Promoting a model: the gate's word, why it refused or let pass, and the way around it."""

import streamlit as st

from app.context import context
from app.i18n import t
from app.intent_names import intent_names
from core.errors import PromotionRefusedError
from core.registry.gate.decision import LEAST_LABELS, LEAST_VISITORS, GateDecision
from core.registry.gate.paired import Difference
from core.registry.gate.promotion import last_judgement
from core.registry.models import ModelRecord, champion


def render_promotion(model: ModelRecord) -> None:
    """The button for a challenger, and what the gate last said of this model."""
    decision = last_judgement(context().warehouse, model.model_id)
    if model.status != "champion" and st.button(
        t("train.promote"), type="primary", icon=":material/publish:", key=f"promote-{model.model_id}"
    ):
        _promote(model, force=False)
    if decision is None:
        return
    if model.status == "champion":
        st.caption(gate_words(decision))
    elif not decision.is_allowed and decision.champion == _serving():
        st.error(gate_words(decision), icon=":material/block:")
        if st.button(t("train.promote_anyway"), icon=":material/warning:", key=f"force-{model.model_id}"):
            _promote(model, force=True)


def _promote(model: ModelRecord, *, force: bool) -> None:
    """Let it serve; a refusal is in the journal, from where it is shown."""
    actor = st.session_state.get("annotator") or "Train page"
    try:
        with st.spinner(t("train.gate_comparing")):
            context().jobs.promote(model.model_id, force=force, actor=str(actor))
    except PromotionRefusedError:
        st.rerun()
    told(model)


def told(model: ModelRecord) -> None:
    """Say who serves now, and draw the page anew."""
    st.toast(t("train.promoted", model=model.model_id))
    st.rerun()


def gate_words(decision: GateDecision) -> str:
    """The decision in the reader's language."""
    if decision.outcome == "no_champion":
        return t("train.gate_no_champion")
    if decision.basis is None or decision.outcome == "too_few_labels":
        return t("train.gate_too_few", labels=LEAST_LABELS, visitors=LEAST_VISITORS)
    names = intent_names()
    basis = t(f"train.gate_basis_{decision.basis}")
    if decision.outcome == "passed":
        judged = list(dict.fromkeys(names.get(found.intent, found.intent) for found in decision.differences))
        return t("train.gate_passed", n=decision.labels, basis=basis, intents=", ".join(judged))
    worse = "; ".join(_difference(found, names.get(found.intent, found.intent)) for found in decision.worse)
    return t("train.gate_refused", n=decision.labels, basis=basis, champion=decision.champion or "", worse=worse)


def _difference(found: Difference, name: str) -> str:
    return t(
        "train.gate_worse",
        intent=name,
        measure=t(f"train.column_{found.measure}"),
        challenger=f"{found.challenger:.2f}",
        champion=f"{found.champion:.2f}",
        n=found.labels,
    )


def _serving() -> str | None:
    record = champion(context().warehouse)
    return record.model_id if record else None
