"""Labels that are probably wrong, found by confident learning on answers of models that never saw them.

Northcutt, Jiang and Chuang 2021, Confident Learning: Estimating Uncertainty in Dataset Labels (JAIR 70), as cleanlab
implements it: each class has a threshold, the mean probability of its own labels; who passes another class's threshold
counts as that class, and as many labels are doubted as the joint of given and counted classes says.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from cleanlab.filter import find_label_issues

LEAST_JUDGED = 20
"""The thresholds are means over the judged labels; fewer say nothing."""
SUSPECT_COLUMNS = ("suggested", "confidence", "given_probability", "model_id")


@dataclass(frozen=True)
class Answers:
    """What one model said out of sample: event_ids [N]; probabilities [N, K] in the order of its intents."""

    model_id: str
    intents: tuple[str, ...]
    event_ids: np.ndarray
    probabilities: np.ndarray


@dataclass(frozen=True)
class LabelErrors:
    """suspects: the labels' columns and SUSPECT_COLUMNS, the least believed label first.

    judged: labels with an out-of-sample answer that knows their intent; labels: all of them.
    """

    suspects: pd.DataFrame
    judged: int
    labels: int

    @property
    def enough(self) -> bool:
        """Whether there were labels enough to judge any."""
        return self.judged >= LEAST_JUDGED


def find_suspects(labels: pd.DataFrame, answers: Sequence[Answers]) -> LabelErrors:
    """Judge each label by the first of the models that answered at its event without having seen it.

    Args:
        labels: `event_id` (where the label stands), `intent`, and whatever else its rows shall carry.
    """
    intents = tuple(dict.fromkeys(intent for one in answers for intent in one.intents))
    if not intents:
        return LabelErrors(labels.iloc[:0].assign(**dict.fromkeys(SUSPECT_COLUMNS)), 0, len(labels))
    probabilities, models = _at_labels(labels, answers, intents)
    known = labels["intent"].isin(intents).to_numpy() & np.isfinite(probabilities).all(axis=1)
    judged, chances = labels[known].reset_index(drop=True), probabilities[known]
    given = np.array([intents.index(intent) for intent in judged["intent"]], dtype=np.int64)
    places = _issues(given, chances) if len(judged) >= LEAST_JUDGED else np.zeros(0, dtype=np.int64)
    best = chances[places].argmax(axis=1)
    suspects = judged.iloc[places].assign(
        suggested=[intents[place] for place in best],
        confidence=chances[places, best],
        given_probability=chances[places, given[places]],
        model_id=models[known][places],
    )
    return LabelErrors(suspects.reset_index(drop=True), len(judged), len(labels))


def _at_labels(
    labels: pd.DataFrame, answers: Sequence[Answers], intents: tuple[str, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """[L, K] probabilities at the labels, NaN where nobody knows better, and whose they are [L].

    A model answers only for labels whose intent it knows; what it lacks is 0.
    """
    found = np.full((len(labels), len(intents)), np.nan)
    models = np.full(len(labels), "", dtype=object)
    for one in answers:
        rows = pd.Index(one.event_ids).get_indexer(pd.Index(labels["event_id"]))
        fits = (rows >= 0) & labels["intent"].isin(one.intents).to_numpy() & (models == "")
        found[fits] = 0.0
        columns = [intents.index(intent) for intent in one.intents]
        found[np.ix_(fits, columns)] = one.probabilities[rows[fits]]
        models[fits] = one.model_id
    return found, models


def _issues(given: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Places of doubted labels, the least believed first; what the model would say as well is never doubted."""
    kept, classes = np.unique(given), probabilities.shape[1]
    if len(kept) < 2 or classes < 2:
        return np.zeros(0, dtype=np.int64)
    places = np.asarray(
        find_label_issues(
            given,
            probabilities / probabilities.sum(axis=1, keepdims=True),
            return_indices_ranked_by="self_confidence",
            min_examples_per_class=1,
            n_jobs=1,
        ),
        dtype=np.int64,
    )
    differing: np.ndarray = places[probabilities[places].argmax(axis=1) != given[places]]
    return differing
