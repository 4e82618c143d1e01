"""Which labels the gate compares on, and what a promotion leaves in the journal."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import NoModelError, PromotionRefusedError
from core.registry.gate.decision import GateDecision
from core.registry.gate.evidence import best_evidence
from core.registry.gate.heldout import read_held_out
from core.registry.gate.promotion import FORCED, REFUSED, judge, last_judgement, promote_through_gate
from core.registry.models import ModelRecord, champion, register_model
from core.settings import Settings
from core.store.audit_queries import list_audit
from core.store.warehouse import Warehouse
from core.training.held_out import EVALUATION_FILE
from tests.core.evaluation.records import write_labelled
from tests.core.registry.test_models import model_folder

INTENTS = ("browse", "search")
EVENTS = 80


def held_out_model(
    folder: Path, model_id: str, accuracy: float, *, events: range = range(EVENTS), intents: tuple[str, ...] = INTENTS
) -> Path:
    """A model folder whose run recorded answers, the first share of each intent right."""
    path = model_folder(folder, model_id)
    card = json.loads((path / "card.json").read_text()) | {"intents": list(intents)}
    (path / "card.json").write_text(json.dumps(card))
    said = np.full((len(events) + 1, len(intents)), 0.2)
    for row, number in enumerate(events):
        right = (number // 2) % (EVENTS // 2) < accuracy * EVENTS / 2
        said[row, intents.index(INTENTS[number % 2 if right else 1 - number % 2])] = 0.8
    answers = [*(INTENTS[number % 2] for number in events), None]  # the last event has no label
    write_labelled(path, answers, said / said.sum(axis=1, keepdims=True), intents, events.start)
    return path


def register(warehouse: Warehouse, settings: Settings, *folders: Path) -> list[ModelRecord]:
    return [register_model(warehouse, settings, folder) for folder in folders]


def test_shared_held_out_labels_are_the_first_choice_whatever_the_order_of_intents(
    warehouse: Warehouse, settings: Settings, tmp_path: Path
) -> None:
    old, new = register(
        warehouse,
        settings,
        held_out_model(tmp_path, "old", 0.9, events=range(60)),
        held_out_model(tmp_path, "new", 0.9, events=range(10, EVENTS), intents=("search", "deal", "browse")),
    )
    evidence = best_evidence(warehouse, new, old)
    assert evidence is not None
    basis, pairs = evidence
    assert (basis, len(pairs)) == ("held_out", 50)
    np.testing.assert_allclose(pairs.champion[:, pairs.intents.index("deal")], 0.0)
    assert (
        (pairs.challenger.argmax(axis=1) == pairs.answers) == (pairs.champion.argmax(axis=1) == pairs.answers)
    ).all()


def test_a_worse_model_is_refused_until_forced_and_both_are_journaled(
    warehouse: Warehouse, settings: Settings, tmp_path: Path
) -> None:
    register(warehouse, settings, held_out_model(tmp_path, "old", 0.95), held_out_model(tmp_path, "new", 0.4))
    with pytest.raises(PromotionRefusedError, match=r"80 labels held out from both models.*browse F1.*force it"):
        promote_through_gate(warehouse, "new", force=False, actor="lin")
    serving = champion(warehouse)
    assert serving is not None
    assert serving.model_id == "old"
    judgement = last_judgement(warehouse, "new")
    assert judgement is not None
    assert judgement == judge(warehouse, "new")
    assert promote_through_gate(warehouse, "new", force=True, actor="lin").status == "champion"
    newest, before = list_audit(warehouse, "new")
    assert [(row.action, row.actor) for row in (newest, before)] == [(FORCED, "lin"), (REFUSED, "lin")]
    assert newest.details["outcome"] == "refused"
    assert newest.details["differences"][0]["champion"] > newest.details["differences"][0]["challenger"]


def test_a_model_as_good_passes_and_the_first_has_nothing_to_beat(
    warehouse: Warehouse, settings: Settings, tmp_path: Path
) -> None:
    register(warehouse, settings, held_out_model(tmp_path, "old", 0.9), held_out_model(tmp_path, "new", 0.9))
    assert judge(warehouse, "old") == GateDecision("no_champion", "old")
    assert promote_through_gate(warehouse, "new", force=False, actor="lin").status == "champion"


def test_without_any_shared_label_it_passes_unjudged_and_says_so(
    warehouse: Warehouse, settings: Settings, tmp_path: Path
) -> None:
    register(
        warehouse,
        settings,
        held_out_model(tmp_path, "old", 0.9, events=range(40)),
        held_out_model(tmp_path, "new", 0.1, events=range(40, EVENTS)),
    )
    decision = judge(warehouse, "new")
    assert (decision.outcome, decision.basis) == ("too_few_labels", None)
    assert promote_through_gate(warehouse, "new", force=False, actor="lin").status == "champion"


def test_recorded_answers_of_another_shape_are_passed_over(
    warehouse: Warehouse, settings: Settings, tmp_path: Path
) -> None:
    (record,) = register(warehouse, settings, held_out_model(tmp_path, "old", 0.9))
    held_out = read_held_out(record, {})
    assert held_out is not None
    assert len(held_out.frame) == EVENTS
    (record.folder / EVALUATION_FILE).write_bytes(b"no parquet")
    assert read_held_out(record, {}) is None
    pd.DataFrame({"event_id": ["e1"], "answer": ["browse"]}).to_parquet(record.folder / EVALUATION_FILE)
    assert read_held_out(record, {}) is None
    (record.folder / EVALUATION_FILE).unlink()
    assert read_held_out(record, {}) is None


def test_merged_intents_are_one_in_answers_and_probabilities(
    warehouse: Warehouse, settings: Settings, tmp_path: Path
) -> None:
    (record,) = register(warehouse, settings, held_out_model(tmp_path, "old", 0.9))
    plain, merged = read_held_out(record, {}), read_held_out(record, {"search": "browse"})
    assert plain is not None
    assert merged is not None
    assert "search" in plain.intents
    assert "search" not in {*merged.intents, *merged.frame["answer"]}
    np.testing.assert_allclose(merged.probabilities.sum(axis=1), plain.probabilities.sum(axis=1))
    both = plain.probabilities[:, [plain.intents.index("browse"), plain.intents.index("search")]].sum(axis=1)
    np.testing.assert_allclose(merged.probabilities[:, merged.intents.index("browse")], both)


def test_only_finetuned_models_are_judged(warehouse: Warehouse, settings: Settings, tmp_path: Path) -> None:
    register(warehouse, settings, model_folder(tmp_path, "base", "pretrained"))
    with pytest.raises(NoModelError, match="is pretrained and knows no intents"):
        judge(warehouse, "base")
