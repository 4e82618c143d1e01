"""The gate's decisions on hand-made answers: worse is refused by name, noise passes, few labels are said."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score

from core.registry.gate.decision import GateDecision, decide
from core.registry.gate.paired import Paired, weighted_average_precision, weighted_f1

INTENTS = ("browse", "purchase", "support")


def answers(truth: np.ndarray, right: np.ndarray, seed: int) -> np.ndarray:
    """Probabilities [N, 3] whose likeliest is the truth where `right`, else the next intent."""
    random = np.random.default_rng(seed)
    probabilities = random.uniform(0.0, 0.3, (len(truth), len(INTENTS)))
    probabilities[np.arange(len(truth)), np.where(right, truth, (truth + 1) % len(INTENTS))] += 0.6
    return probabilities / probabilities.sum(axis=1, keepdims=True)


def pairs(accuracy: dict[str, tuple[float, float]], *, each: int = 60, visitors: int = 60, seed: int = 0) -> Paired:
    """`each` labels an intent; accuracy[intent] = (champion's, challenger's)."""
    random = np.random.default_rng(seed)
    truth = np.repeat(np.arange(len(INTENTS)), each)
    given = [accuracy.get(intent, (0.8, 0.8)) for intent in INTENTS]
    rights = [np.concatenate([random.permutation(each) < share[side] * each for share in given]) for side in (0, 1)]
    champion, challenger = (answers(truth, right, seed + side) for side, right in enumerate(rights))
    who = np.array([f"v{number % visitors}" for number in range(len(truth))], dtype=object)
    return Paired(INTENTS, truth, who, challenger, champion)


def judged(given: Paired | None) -> GateDecision:
    return decide("new", "old", given, None if given is None else "held_out")


def test_a_challenger_worse_on_one_intent_is_refused_and_the_intent_named() -> None:
    decision = judged(pairs({"purchase": (0.9, 0.4), "browse": (0.7, 0.95)}))
    assert (decision.outcome, decision.is_allowed) == ("refused", False)
    assert "purchase" in {found.intent for found in decision.worse}
    assert "browse" not in {found.intent for found in decision.worse}
    assert "'new' is worse than 'old': " in decision.words()
    assert "purchase F1 0." in decision.words()
    assert decision.as_json()["reason"] == decision.words()


def test_a_difference_within_noise_passes() -> None:
    decision = judged(pairs({"purchase": (0.80, 0.75)}))
    assert (decision.outcome, decision.worse) == ("passed", ())
    assert "not worse beyond chance on browse, purchase, support" in decision.words()


def test_a_better_challenger_passes() -> None:
    assert judged(pairs(dict.fromkeys(INTENTS, (0.6, 0.9)))).outcome == "passed"


def test_the_same_drop_is_proof_with_many_labels_and_none_with_few() -> None:
    drop = {"purchase": (0.85, 0.6)}
    assert judged(pairs(drop, each=12, visitors=36)).outcome == "passed"
    assert judged(pairs(drop, each=300, visitors=900)).outcome == "refused"


def test_on_labels_the_models_may_have_learned_from_only_a_large_drop_counts() -> None:
    some, lost = pairs({"purchase": (0.95, 0.6)}), pairs({"purchase": (0.95, 0.1)})
    assert decide("new", "old", some, "held_out").outcome == "refused"
    assert decide("new", "old", some, "newest").outcome == "passed"
    assert decide("new", "old", lost, "newest").outcome == "refused"


def test_an_equal_challenger_is_seldom_refused() -> None:
    refused = sum(judged(pairs({}, each=30, visitors=40, seed=seed)).outcome == "refused" for seed in range(12))
    assert refused <= 2, "by chance at most one in twenty should be"


def test_too_few_labels_are_said_and_let_pass() -> None:
    for few in (pairs({"purchase": (1.0, 0.0)}, each=9), pairs({"purchase": (1.0, 0.0)}, visitors=4), None):
        decision = judged(few)
        assert (decision.outcome, decision.is_allowed) == ("too_few_labels", True)
        assert decision.words().startswith("Too few labels to compare 'new' with 'old'")


def test_an_intent_with_few_labels_is_not_judged_while_others_are() -> None:
    full = pairs({"browse": (1.0, 0.0)})
    rows = (full.answers != 0) | (np.arange(len(full)) < 5)
    few = Paired(INTENTS, full.answers[rows], full.visitors[rows], full.challenger[rows], full.champion[rows])
    assert {found.intent for found in judged(few).differences} == {"purchase", "support"}


def test_an_intent_only_the_challenger_knows_cannot_be_held_against_it() -> None:
    given = pairs({})
    given.champion[:, 2] = 0.0
    found = [one for one in judged(given).differences if one.intent == "support"]
    assert {one.measure: one.champion for one in found}["f1"] == 0.0
    assert not any(one.is_worse for one in found)


def test_an_intent_the_challenger_lost_is_held_against_it() -> None:
    given = pairs({})
    given.challenger[:, 2] = 0.0
    assert "support" in {found.intent for found in judged(given).worse}


@pytest.mark.parametrize("seed", range(3))
def test_the_weighted_figures_are_scikit_learns(seed: int) -> None:
    random = np.random.default_rng(seed)
    truth = random.random(80) < 0.3
    scores = np.round(random.random(80) + 0.4 * truth, 1)  # with ties
    weights = random.integers(0, 4, (3, 80)).astype(float)
    guessed = scores > 0.6
    for row, precision, f1 in zip(
        weights, weighted_average_precision(truth, scores, weights), weighted_f1(truth, guessed, weights), strict=True
    ):
        assert precision == pytest.approx(average_precision_score(truth, scores, sample_weight=row))
        assert f1 == pytest.approx(f1_score(truth, guessed, sample_weight=row))
