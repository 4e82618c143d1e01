"""What trees teach: training answers only, nothing that they were fitted to, and nothing where they are not asked."""

from dataclasses import replace

import numpy as np
import pytest

from core.model.purchase_cut import PURCHASE
from core.training.prefix_features import prefix_features
from core.training.purchase.arguments import PurchaseArguments
from core.training.purchase.split import Split, split_by_visitor_and_time
from core.training.purchase.task import PurchaseTask, purchase_task
from core.training.purchase.teacher import taught_answers
from tests.core.training.purchase.shops import buying_shop

Taught = tuple[PurchaseTask, np.ndarray, Split]


@pytest.fixture(scope="module")
def given() -> Taught:
    shop = buying_shop(visitors=80)
    task = purchase_task(shop.events.sort_values(["visitor_id", "occurred_at", "event_id"]), PURCHASE)
    return task, prefix_features(task.events, shop.items)[1], split_by_visitor_and_time(task, 0.2, 0.2)


def test_training_answers_are_drawn_towards_beliefs_and_others_stay(given: Taught) -> None:
    task, features, split = given
    targets = taught_answers(task, features, split, PurchaseArguments(teaching=0.5), seed=0)
    moved = np.abs(targets - task.answer)
    assert (moved[~split.training] == 0).all()
    assert 0 < moved[split.training].max() <= 0.5
    assert targets[split.training & task.answer].mean() > targets[split.training & ~task.answer].mean() + 0.2


def test_without_teaching_the_answers_are_the_orders(given: Taught) -> None:
    task, features, split = given
    assert (taught_answers(task, features, split, PurchaseArguments(teaching=0.0), seed=0) == task.answer).all()


def test_beliefs_of_a_visitor_do_not_know_what_the_visitor_did(given: Taught) -> None:
    """With features that are noise, trees fitted to a row would still remember it; those out of fold cannot."""
    task, features, split = given
    noise = np.random.default_rng(0).normal(size=(len(features), 30)).astype(np.float32)
    believed = taught_answers(task, noise, split, PurchaseArguments(teaching=1.0), seed=0)[split.training]
    answers = task.answer[split.training]
    assert abs(believed[answers].mean() - believed[~answers].mean()) < 0.05


def test_one_fold_of_one_answer_only_teaches_what_it_can(given: Taught) -> None:
    task, features, split = given
    few = replace(task, answer=np.zeros_like(task.answer))
    assert (taught_answers(few, features, split, PurchaseArguments(), seed=0) == 0).all()
