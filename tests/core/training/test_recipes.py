"""One contract for every recipe and every option: it learns, repeats itself, and leaves an ordinary model folder."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.training_choices import OPTIONS
from core.model.checkpoint import load_checkpoint, save_checkpoint
from core.model.scorer import SessionScorer
from core.model.session_model import SessionModel
from core.training import pretrain
from core.training.arguments import RECIPES as NAMES
from core.training.arguments import FinetuneArguments, read_arguments
from core.training.choice import choose
from core.training.ensemble import SeedEnsemble, SeedsFit
from core.training.finetune import with_intents
from core.training.labels import Labels, read_labels, split_by_time
from core.training.prepared import PreparedEvents
from core.training.recipes import RECIPES
from core.training.regularizers import REGULARIZERS
from core.training.snapshot import read_snapshot
from tests.core.model.shop import Shop, make_shop
from tests.core.training.support import Context, Spec, session_annotations, write_snapshot

SESSIONS = 24
CHANGES: dict[str, Any] = OPTIONS | {"class_weights": False, "seeds": 2}
CASES: dict[str, dict[str, Any]] = {
    **{name: {"recipe": name} for name in NAMES},
    **{name: {"recipe": "full", name: value} for name, value in CHANGES.items()},
}


@dataclass(frozen=True)
class Ground:
    """What every case starts from."""

    shop: Shop
    base: Path
    prepared: PreparedEvents
    labels: Labels
    held_out: Labels


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    shop = make_shop(visitors=50)
    folder = tmp_path_factory.mktemp("recipes")
    snapshot = write_snapshot(folder / "snapshot", shop, session_annotations(shop, SESSIONS))
    pretrain.run(Context(Spec(snapshot, folder / "base", {"size": "tiny", "epochs": 12, "batch_events": 128})))
    read = read_snapshot(snapshot)
    labels = read_labels(read.annotations, read.events, read.taxonomy, earlier_event_weight=0.5)
    training, validation = split_by_time(labels, read.events, 0.2)
    prepared = PreparedEvents(load_checkpoint(folder / "base"), read)
    return Ground(shop, folder / "base", prepared, labels.take(training), labels.take(validation & labels.decisive))


@dataclass(frozen=True)
class Case:
    """One fine-tuning as the job does it, without the baselines, which take longer than all else here."""

    ground: Ground
    change: dict[str, Any]

    def finetune(self, folder: Path, like: SeedsFit | None = None) -> tuple[SessionScorer, SeedsFit]:
        """Measured and refitted, or refitted only; saved and loaded."""
        ground = self.ground
        given = {"size": "tiny", "epochs": 2, "batch_events": 256, "learning_rate": 3e-4} | self.change
        arguments = choose(
            read_arguments(FinetuneArguments, given), given, ground.labels, len(ground.prepared.table)
        ).arguments
        checkpoint = with_intents(load_checkpoint(ground.base), ground.labels.intents, seed=0)
        ensemble = SeedEnsemble(checkpoint, ground.prepared, arguments, seed=0)
        context = Context(Spec(folder, folder))
        if like is None:
            fit = ensemble.fit(context, "measure", ground.labels, held_out=ground.held_out)
            like = fit if all(fit.epochs) else SeedsFit((1,) * len(fit.epochs))
        ensemble.fit(context, "refit", ground.labels, like=like)
        save_checkpoint(checkpoint, folder)
        return SessionScorer.load(folder), like


def test_every_recipe_and_option_has_its_case() -> None:
    assert set(NAMES) == set(RECIPES) | {"auto"}
    assert set(REGULARIZERS) < set(CHANGES)
    assert set(CHANGES) <= {field.name for field in fields(FinetuneArguments)}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_recipe_keeps_the_contract(case: dict[str, Any], ground: Ground, tmp_path: Path) -> None:
    shop = ground.shop
    scorer, fit = Case(ground, case).finetune(tmp_path / "one")
    answers = scorer.score(shop.events, shop.items)
    labeled = set(session_annotations(shop, SESSIONS)["session_id"])
    last = ~shop.events["session_id"].duplicated(keep="last")
    rows = np.flatnonzero(last & ~shop.events["session_id"].isin(labeled))
    guessed = np.array(scorer.intents)[answers[rows].argmax(axis=1)]
    assert float((guessed == shop.truth[rows]).mean()) > 0.8, "the planted rule is learned; one in three is chance"
    again, _ = Case(ground, case).finetune(tmp_path / "two", fit)
    np.testing.assert_array_equal(answers, again.score(shop.events, shop.items))
    _is_plain(tmp_path / "one")
    _incremental_equals_full(scorer, shop, answers)


def _is_plain(folder: Path) -> None:
    """Only the session model's own weights, which load into a new one of the same configuration."""
    model = load_checkpoint(folder).model
    assert set(SessionModel(model.config).state_dict()) == set(model.state_dict())
    assert not any("lora" in name for name in model.state_dict())


def _incremental_equals_full(scorer: SessionScorer, shop: Shop, answers: np.ndarray) -> None:
    visitor = shop.events["visitor_id"].iloc[0]
    rows = np.flatnonzero(shop.events["visitor_id"] == visitor)
    stepped = scorer.follow(scorer.start(), shop.events.iloc[rows], shop.items)
    np.testing.assert_allclose(stepped, answers[rows], atol=1e-5)
