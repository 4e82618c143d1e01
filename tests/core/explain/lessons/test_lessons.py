"""The lessons of a prediction: the planted wrong label opposes it, a copy is most similar, the sums are TracIn's."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from captum.influence import TracInCPFast
from safetensors.torch import save_file
from torch import nn
from torch.utils.data import TensorDataset

from core.errors import UnknownIntentError
from core.explain.lessons.influence import influences, shares
from core.explain.lessons.lessons import Lessons, learn_lessons
from core.explain.lessons.moments import Moment, Reading, read_states, state_at_end
from core.model.scorer import SessionScorer
from tests.core.explain.lessons.fitted import COPIED, COPY, Fitted, make_fitted
from tests.core.model.shop import INTENTS

WIDTH, INTENT_COUNT, ROWS = 5, 3, 12
RATES = (0.3, 0.05)


@pytest.fixture(scope="module")
def wrong() -> Fitted:
    return make_fitted(wrong=True)


@pytest.fixture(scope="module")
def lessons(wrong: Fitted, tmp_path_factory: pytest.TempPathFactory) -> Lessons:
    return learn_lessons(wrong.scorer, tmp_path_factory.mktemp("untraced"), wrong.taught)


def _ask(lessons: Lessons, fitted: Fitted, visitor_id: str, intent: str, **options: object):
    session = fitted.last_session(visitor_id)
    return lessons.ask(fitted.stream(visitor_id), fitted.shop.items, intent=intent, without_session=session, **options)


def test_a_copy_with_a_wrong_label_speaks_most_against_the_truth(wrong: Fitted, lessons: Lessons) -> None:
    evidence = _ask(lessons, wrong, COPIED, wrong.truth(COPIED))
    worst = evidence.speaking_against[0]
    assert worst.visitor_id == COPY
    assert worst.taught != wrong.truth(COPIED)
    assert worst.influence < 0 < evidence.speaking_for[0].influence
    assert evidence.lessons == len(lessons) == 41


def test_the_same_copy_speaks_for_the_wrong_intent_and_against_it_when_set_against_the_truth(
    wrong: Fitted, lessons: Lessons
) -> None:
    truth = wrong.truth(COPIED)
    planted = next(lesson.taught for lesson in _ask(lessons, wrong, COPIED, truth).similar if lesson.visitor_id == COPY)
    assert _ask(lessons, wrong, COPIED, planted).speaking_for[0].visitor_id == COPY
    assert _ask(lessons, wrong, COPIED, planted, against=truth).speaking_for[0].visitor_id == COPY
    assert _ask(lessons, wrong, COPIED, truth, against=planted).speaking_against[0].visitor_id == COPY


def test_the_most_similar_session_of_a_copied_one_is_its_copy(wrong: Fitted, lessons: Lessons) -> None:
    for visitor, other in ((COPIED, COPY), (COPY, COPIED)):
        nearest = _ask(lessons, wrong, visitor, INTENTS[0], most=3).similar
        assert nearest[0].visitor_id == other
        assert nearest[0].similarity == pytest.approx(1.0, abs=1e-4)
        assert [one.similarity for one in nearest] == sorted((one.similarity for one in nearest), reverse=True)
        assert wrong.last_session(visitor) not in {one.session_id for one in nearest}


def test_a_session_taught_its_own_label_more_than_others_did(tmp_path: Path) -> None:
    fitted = make_fitted(wrong=False)
    lessons = learn_lessons(fitted.scorer, tmp_path, fitted.taught)
    visitors = [str(name) for name in fitted.shop.events["visitor_id"].unique()]
    own, others = [], []
    for visitor in visitors:
        state = state_at_end(fitted.scorer, fitted.stream(visitor), fitted.shop.items, None)
        values = lessons.influence_of([state], INTENTS.index(fitted.truth(visitor)))
        place = sorted(visitors).index(visitor)
        own.append(values[place])
        others.append(np.delete(values, place).mean())
    assert np.mean(np.array(own) > 0) > 0.9, "its earlier events teach too, and may pull the other way"
    assert np.mean(own) > 3 * np.mean(np.abs(others))


def test_an_intent_the_model_does_not_know_is_named(wrong: Fitted, lessons: Lessons) -> None:
    with pytest.raises(UnknownIntentError, match="typo"):
        _ask(lessons, wrong, COPIED, "typo")


def test_the_labeled_events_of_a_session_count_together(wrong: Fitted, lessons: Lessons) -> None:
    state = state_at_end(wrong.scorer, wrong.stream(COPIED), wrong.shop.items, None)
    by_lesson = lessons.influence_of([state], 0)
    by_row = influences(lessons.moments, [read_states(wrong.scorer, state)], 0, None)
    assert len(by_row) > len(by_lesson)
    assert by_lesson.sum() == pytest.approx(by_row.sum())


def test_checkpoints_of_the_training_are_summed_by_their_rates(wrong: Fitted, tmp_path: Path) -> None:
    """The trace's weights are loaded, and each state counts with its own rate."""
    trace = tmp_path / "trace"
    trace.mkdir()
    torch.manual_seed(0)
    moved = {name: value + 0.05 * torch.randn_like(value) for name, value in _head(wrong.scorer).items()}
    save_file(moved, trace / "checkpoint-1.safetensors")
    (trace / "trace.json").write_text('{"learning_rates": [0.5, 0.25]}')
    traced = learn_lessons(wrong.scorer, tmp_path, wrong.taught)
    first, last = traced.moments
    assert (first.learning_rate, last.learning_rate) == (0.5, 0.25)
    assert not np.allclose(first.errors, last.errors)
    states = [state_at_end(one.scorer, wrong.stream(COPIED), wrong.shop.items, None) for one in traced.moments]
    alone = [
        influences([one], [read_states(one.scorer, state)], 1, None)
        for one, state in zip(traced.moments, states, strict=True)
    ]
    assert traced.influence_of(states, 1).sum() == pytest.approx(sum(part.sum() for part in alone))
    assert _ask(traced, wrong, COPIED, INTENTS[0]).checkpoints == 2


def _head(scorer: SessionScorer) -> dict[str, torch.Tensor]:
    kept = scorer.model.state_dict()
    return {name: value for name, value in kept.items() if name.startswith("intent_head.output")}


class Toy(nn.Module):
    """Two layers; the last one is what TracIn looks at."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.below = nn.Linear(4, WIDTH)
        self.head = nn.Linear(WIDTH, INTENT_COUNT)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.head(torch.tanh(self.below(inputs)))


def _data() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(3)
    inputs, asked = torch.randn(ROWS, 4, generator=random), torch.randn(1, 4, generator=random)
    answers = torch.randint(0, INTENT_COUNT, (ROWS,), generator=random)
    weights = torch.rand(ROWS, generator=random)
    return inputs, answers, weights, asked


def _ours(toys: list[Toy], weights: torch.Tensor, against: int | None) -> np.ndarray:
    inputs, answers, _, asked = _data()
    moments, readings = [], []
    for toy, rate in zip(toys, RATES, strict=True):
        with torch.no_grad():
            hidden, query = torch.tanh(toy.below(inputs)), torch.tanh(toy.below(asked))[0]
            raw, raw_query = torch.softmax(toy.head(hidden), -1), torch.softmax(toy.head(query), -1)
        errors = weights[:, None] * (F.one_hot(answers, INTENT_COUNT) - raw)
        ones = torch.ones(ROWS, 1)
        moments.append(Moment(None, rate, torch.cat([hidden, ones], 1).numpy(), errors.numpy()))  # type: ignore[arg-type]
        readings.append(Reading(torch.cat([query, torch.ones(1)]).numpy(), raw_query.numpy()))
    return influences(moments, readings, target=2, against=against)


@pytest.mark.parametrize("against", [None, 0])
def test_the_sum_is_that_of_the_gradients_taken_one_by_one(against: int | None) -> None:
    toys = [Toy(1), Toy(2)]
    inputs, answers, weights, asked = _data()
    expected = np.zeros(ROWS)
    for toy, rate in zip(toys, RATES, strict=True):
        parameters = list(toy.head.parameters())
        logs = torch.log_softmax(toy(asked)[0], -1)
        wanted = torch.autograd.grad(logs[2] - (0.0 if against is None else logs[against]), parameters)
        for row in range(ROWS):
            loss = weights[row] * F.cross_entropy(toy(inputs[row : row + 1]), answers[row : row + 1])
            descent = torch.autograd.grad(-loss, parameters)
            expected[row] += rate * sum(float((a * b).sum()) for a, b in zip(descent, wanted, strict=True))
    assert _ours(toys, weights, against) == pytest.approx(expected, abs=1e-6)


def test_captum_finds_the_same(tmp_path: Path) -> None:
    """TracInCPFast leaves the bias out of its gradients, so the toys have none."""
    toys = [Toy(1), Toy(2)]
    for number, toy in enumerate(toys):
        nn.init.zeros_(toy.head.bias)
        torch.save(toy.state_dict(), tmp_path / f"{number}.pt")
    inputs, answers, _, asked = _data()

    def load(model: nn.Module, path: str) -> float:
        model.load_state_dict(torch.load(path, weights_only=True))
        return RATES[int(Path(path).stem)]

    asked_captum = TracInCPFast(
        toys[0],
        toys[0].head,
        TensorDataset(inputs, answers),
        [str(tmp_path / f"{number}.pt") for number in range(2)],
        load,
        loss_fn=nn.CrossEntropyLoss(reduction="sum"),
        batch_size=ROWS,
    )
    theirs = asked_captum.influence((asked, torch.tensor([2]))).numpy()[0]
    without_bias = _ours([_reloaded(tmp_path / f"{number}.pt") for number in range(2)], torch.ones(ROWS), None)
    bias_part = _bias_part([_reloaded(tmp_path / f"{number}.pt") for number in range(2)])
    assert without_bias - bias_part == pytest.approx(theirs, abs=1e-6)


def _reloaded(path: Path) -> Toy:
    toy = Toy(0)
    toy.load_state_dict(torch.load(path, weights_only=True))
    return toy


def _bias_part(toys: list[Toy]) -> np.ndarray:
    inputs, answers, _, asked = _data()
    total = np.zeros(ROWS)
    for toy, rate in zip(toys, RATES, strict=True):
        with torch.no_grad():
            errors = F.one_hot(answers, INTENT_COUNT) - torch.softmax(toy(inputs), -1)
            direction = F.one_hot(torch.tensor(2), INTENT_COUNT) - torch.softmax(toy(asked)[0], -1)
        total += rate * (errors @ direction).numpy()
    return total


def test_shares_add_up_to_one_and_nothing_has_no_share() -> None:
    assert np.abs(shares(np.array([3.0, -1.0]))).sum() == pytest.approx(1.0)
    assert shares(np.array([3.0, -1.0])) == pytest.approx([0.75, -0.25])
    assert shares(np.zeros(2)).tolist() == [0.0, 0.0]
