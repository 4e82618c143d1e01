"""The recipe follows from the number of labels, keeps what was asked for, and says why."""

import numpy as np
import pytest

from core.errors import InvalidSettingError
from core.training.arguments import FinetuneArguments, read_arguments
from core.training.choice import LEAST_TAUGHT_SESSIONS, choose
from core.training.labels import Labels


def _labels(sessions: int) -> Labels:
    rows = np.arange(sessions)
    targets = np.eye(2, dtype=np.float32)[rows % 2]
    return Labels(("a", "b"), rows, targets, np.ones(sessions, np.float32), np.ones(sessions, bool), rows)


def test_few_labels_fit_the_head_alone() -> None:
    choice = choose(FinetuneArguments(), (), _labels(LEAST_TAUGHT_SESSIONS - 1), 5000)
    assert choice.arguments.recipe == "head"
    assert str(LEAST_TAUGHT_SESSIONS - 1) in choice.reason


def test_more_labels_bring_a_teacher() -> None:
    choice = choose(FinetuneArguments(), (), _labels(LEAST_TAUGHT_SESSIONS), 5000)
    assert choice.arguments.teacher
    assert choice.arguments.recipe != "auto"
    assert "teacher" in choice.reason


def test_a_small_log_is_seen_more_often_in_smaller_steps() -> None:
    small, large = (choose(FinetuneArguments(), (), _labels(50), events).arguments for events in (5_000, 70_000))
    assert small.epochs > large.epochs
    assert small.batch_events < large.batch_events
    assert small.learning_rate < large.learning_rate


def test_what_was_asked_for_is_kept() -> None:
    given = {"epochs": 7, "teacher": False}
    choice = choose(read_arguments(FinetuneArguments, given), given, _labels(50), 5000)
    assert (choice.arguments.epochs, choice.arguments.teacher) == (7, False)
    assert choose(FinetuneArguments(recipe="lora"), {"recipe"}, _labels(50), 5000).arguments.recipe == "lora"


@pytest.mark.parametrize(
    "given",
    [
        {"recipe": "fuller"},
        {"teacher": "maybe"},
        {"layer_decay": 0},
        {"seeds": 0},
        {"patience": 0},
        {"pseudo_labels": 1.5},
        {"adversarial": -1},
        {"teacher": True, "pseudo_labels": 0.9},
    ],
)
def test_impossible_arguments_are_named(given: dict[str, object]) -> None:
    with pytest.raises(InvalidSettingError, match=str(list(given)[-1])):
        read_arguments(FinetuneArguments, given)


def test_a_command_line_says_false_in_words() -> None:
    assert read_arguments(FinetuneArguments, {"class_weights": "false"}).class_weights is False
    assert read_arguments(FinetuneArguments, {"teacher": "True"}).teacher is True
