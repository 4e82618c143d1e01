"""Confident learning finds planted label errors, and judges only what a model answered out of sample."""

import numpy as np
import pandas as pd
import pytest

from core.evaluation.suspects import LEAST_JUDGED, Answers, find_suspects

INTENTS = ("browse", "search", "deal")
WRONG = 15


def _labels(count: int, wrong: int, seed: int = 3) -> tuple[pd.DataFrame, np.ndarray]:
    """Labels of which the first `wrong` are not the truth, and a good model's probabilities [N, 3] of the truth."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, 3, count)
    given = truth.copy()
    given[:wrong] = (truth[:wrong] + 1) % 3
    sure = random.uniform(0.55, 0.95, count)
    probabilities = np.repeat(((1 - sure) / 2)[:, None], 3, axis=1)
    probabilities[np.arange(count), truth] = sure
    events = [f"e{n}" for n in range(count)]
    return pd.DataFrame({"event_id": events, "intent": [INTENTS[place] for place in given]}), probabilities


def _answers(labels: pd.DataFrame, probabilities: np.ndarray, model_id: str = "m", intents: tuple = INTENTS) -> Answers:
    return Answers(model_id, intents, labels["event_id"].to_numpy(dtype=object), probabilities)


def test_most_planted_errors_are_found_with_the_true_intent_and_hardly_anything_else() -> None:
    labels, probabilities = _labels(200, WRONG)
    found = find_suspects(labels, [_answers(labels, probabilities)])
    assert (found.judged, found.labels, found.enough) == (200, 200, True)
    planted = {f"e{n}" for n in range(WRONG)}
    suspected = set(found.suspects["event_id"])
    assert len(planted & suspected) >= 0.75 * WRONG
    assert len(suspected - planted) <= 2
    truth = {
        event: INTENTS[place] for event, place in zip(labels["event_id"], probabilities.argmax(axis=1), strict=True)
    }
    assert found.suspects["suggested"].tolist() == [truth[event] for event in found.suspects["event_id"]]
    assert found.suspects["given_probability"].is_monotonic_increasing
    assert (found.suspects["confidence"] > found.suspects["given_probability"]).all()


def test_right_labels_are_not_doubted() -> None:
    labels, probabilities = _labels(100, 0)
    assert find_suspects(labels, [_answers(labels, probabilities)]).suspects.empty


def test_only_labels_with_an_answer_that_knows_their_intent_are_judged() -> None:
    labels, probabilities = _labels(90, 5)
    two = probabilities[:40, :2] / probabilities[:40, :2].sum(axis=1, keepdims=True)
    found = find_suspects(labels, [_answers(labels[:40], two, intents=INTENTS[:2])])
    known = labels[:40]["intent"].isin(INTENTS[:2]).sum()
    assert (found.judged, found.labels) == (known, 90)
    assert not set(found.suspects["event_id"]) - set(labels[:40]["event_id"])


def test_the_first_model_that_answered_judges() -> None:
    labels, probabilities = _labels(120, WRONG)
    half = _answers(labels[:60], probabilities[:60], "first")
    found = find_suspects(labels, [half, _answers(labels, 1 - probabilities, "second")]).suspects
    assert set(found.loc[found["event_id"].isin(half.event_ids), "model_id"]) == {"first"}


@pytest.mark.parametrize("count", [0, 1, LEAST_JUDGED - 1])
def test_too_few_labels_are_not_judged_and_it_says_so(count: int) -> None:
    labels, probabilities = _labels(count, min(count, 1))
    found = find_suspects(labels, [_answers(labels, probabilities)])
    assert (len(found.suspects), found.judged, found.enough) == (0, count, False)


def test_no_model_and_one_intent_are_no_ground_to_doubt() -> None:
    labels, probabilities = _labels(60, 5)
    assert find_suspects(labels, []).judged == 0
    same = labels.assign(intent="browse")
    assert find_suspects(same, [_answers(same, probabilities)]).suspects.empty
