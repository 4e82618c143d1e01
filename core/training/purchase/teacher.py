"""Trees that teach the model: an order says what came of a session, the trees how likely it looked from each event.

Distillation (Hinton, Vinyals and Dean 2015) with beliefs out of fold, as in stacking (Wolpert 1992): trees believe too
much of sessions that they were fitted to. When to use it: always, it costs seconds; it helps most where sessions are
few, where trees are stronger than a transformer.
"""

import numpy as np

from core.training.purchase.arguments import PurchaseArguments
from core.training.purchase.split import Split
from core.training.purchase.task import PurchaseTask
from core.training.purchase.trees import PurchaseTrees

FOLDS = 4


def trees_of(
    task: PurchaseTask, features: np.ndarray, split: Split, arguments: PurchaseArguments, seed: int
) -> PurchaseTrees:
    """Trees taught by the training rows and stopped on the validation rows; features [N, P] float32."""
    return _fitted(task, features, split.training, split.validation, arguments, seed)


def taught_answers(
    task: PurchaseTask, features: np.ndarray, split: Split, arguments: PurchaseArguments, seed: int
) -> np.ndarray:
    """What the model is to answer: [N] float32, at training rows the answer drawn towards the beliefs of trees that saw
    nothing of the row's visitor, by the share `arguments.teaching`.
    """
    targets = task.answer.astype(np.float32)
    if not arguments.teaching:
        return targets
    visitors = np.unique(task.events["visitor_id"].to_numpy(dtype=object).astype(str), return_inverse=True)[1]
    fold = np.random.default_rng(seed).permutation(int(visitors.max()) + 1)[visitors] % FOLDS
    for number in range(FOLDS):
        away = split.training & (fold == number)
        rest = split.training & ~away
        if away.any() and 0 < task.answer[rest].sum() < rest.sum():
            believed = _fitted(task, features, rest, split.validation, arguments, seed).predict(features[away])
            targets[away] += arguments.teaching * (believed.astype(np.float32) - targets[away])
    return targets


def _fitted(
    task: PurchaseTask,
    features: np.ndarray,
    rows: np.ndarray,
    held_out: np.ndarray,
    arguments: PurchaseArguments,
    seed: int,
) -> PurchaseTrees:
    weights = task.weights(arguments.length_power)
    validation = (features[held_out], task.answer[held_out], weights[held_out])
    return PurchaseTrees(seed).fit(features[rows], task.answer[rows], weights[rows], validation)
