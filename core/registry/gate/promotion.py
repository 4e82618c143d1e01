"""Promoting through the gate: judge, refuse or let serve, and write down which."""

from core.errors import PromotionRefusedError
from core.registry.gate.decision import GateDecision, decide
from core.registry.gate.evidence import best_evidence
from core.registry.models import ModelRecord, champion, get_intent_model, promote
from core.store.audit_queries import AuditRow, append_audit, list_audit
from core.store.warehouse import Warehouse

PROMOTED, REFUSED, FORCED = "promote", "promote_refused", "promote_forced"


def judge(warehouse: Warehouse, model_id: str) -> GateDecision:
    """Compare a model with the one that serves.

    Raises:
        NotFoundError: there is no such model; NoModelError: it knows no intents.
    """
    record, serving = get_intent_model(warehouse, model_id), champion(warehouse)
    if serving is None or serving.model_id == model_id:
        return GateDecision("no_champion", model_id)
    evidence = best_evidence(warehouse, record, serving)
    basis, pairs = evidence if evidence is not None else (None, None)
    return decide(model_id, serving.model_id, pairs, basis)


def promote_through_gate(warehouse: Warehouse, model_id: str, *, force: bool, actor: str) -> ModelRecord:
    """Let a model serve that is not worse than the champion, or any with `force`; every outcome is journaled.

    Raises:
        PromotionRefusedError: it is worse on an intent beyond chance; the message says where.
        NotFoundError, NoModelError: see core.registry.models.promote.
    """
    decision = judge(warehouse, model_id)
    action = PROMOTED if decision.is_allowed else FORCED if force else REFUSED
    append_audit(warehouse, AuditRow(warehouse.clock(), actor, action, model_id, decision.as_json()))
    if action == REFUSED:
        raise PromotionRefusedError(f"{decision.words()} It was not promoted; force it if it must serve all the same.")
    return promote(warehouse, model_id)


def last_judgement(warehouse: Warehouse, model_id: str) -> GateDecision | None:
    """How the gate judged a model when it was last to be promoted; None when it never was."""
    rows = [row for row in list_audit(warehouse, model_id) if row.action in (PROMOTED, REFUSED, FORCED)]
    return GateDecision.from_json(rows[0].details) if rows else None
