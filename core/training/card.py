"""The model card: what was trained, on what, how, and how well; written beside the weights as card.json."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from core.clock import Clock, utc_now
from core.training.context import TrainingContext
from core.training.provenance import code_version, library_versions
from core.training.snapshot import TrainingSnapshot

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def make_card(
    context: TrainingContext,
    *,
    kind: str,
    snapshot: TrainingSnapshot,
    metrics: dict[str, Any],
    recipe: "DataclassInstance",
    clock: Clock = utc_now,
    **more: Any,
) -> dict[str, Any]:
    """The card of a run's model; its id is the run's."""
    return {
        "model_id": context.spec.run_id,
        "kind": kind,
        "intents": [],
        "parent": None,
        "recipe": asdict(recipe),
        "seed": context.spec.seed,
        "snapshot_id": snapshot.snapshot_id,
        "events": len(snapshot.events),
        "metrics": metrics,
        "created_at": clock().isoformat(timespec="seconds"),
        "code_version": code_version(),
        "library_versions": library_versions(),
    } | more
