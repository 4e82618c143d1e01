"""Two models on the labels that both held out: the only rows on which they can be compared fairly."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.evaluation.flips import session_flips
from core.evaluation.prefix_quality import by_events_seen, by_share_seen
from core.evaluation.records import BASELINES, Records
from core.evaluation.scores import Score, difference_score, scores_beside
from core.training.held_out import MODEL
from core.training.metrics import brier_score, evaluate_probabilities, expected_calibration_error


@dataclass(frozen=True)
class Comparison:
    """One model beside another on n labels of so many visitors.

    difference: macro-F1 of the first less that of the second, with its paired interval; relabelled: labels that
    changed between the two runs, for which the first model's run counts.
    figures: figure, first, second. per_intent: intent, support, first, second (F1).
    disagreements: labelled rows where one is right and the other is not: session_id, visitor_id, event_id, answer,
    first, second (guesses).
    seen: name (`first`, `second`), seen, macro_f1, low, high, n.
    """

    n: int
    visitors: int
    relabelled: int
    scores: dict[str, Score]
    difference: Score
    figures: pd.DataFrame
    per_intent: pd.DataFrame
    disagreements: pd.DataFrame
    seen: pd.DataFrame


def compare(first: Records, second: Records) -> Comparison | None:
    """Compare two models; None where no label was held out by both."""
    relabelled = _changed(first, second)
    first, second = on_common_rows(first, second)
    one, other = first.labelled(), second.labelled()
    if not len(one):
        return None
    intents, labels, visitors = len(one.intents), one.labels(), one.visitors()
    return Comparison(
        n=len(one),
        visitors=len(set(visitors)),
        relabelled=relabelled,
        scores={"first": scores_beside(one, names=[MODEL])[MODEL], "second": scores_beside(other, names=[MODEL])[MODEL]}
        | scores_beside(one, names=BASELINES),
        difference=difference_score(labels, one.guesses(), other.guesses(), intents, visitors),
        figures=_figures((first, second), (one, other)),
        per_intent=_per_intent(one, other),
        disagreements=_disagreements(one, other),
        seen=pd.concat([_seen(first, "first"), _seen(second, "second")], ignore_index=True),
    )


def on_common_rows(first: Records, second: Records) -> tuple[Records, Records]:
    """Both restricted to the events that both hold, over all their intents; the first's labels count for both."""
    order = pd.Index(second.frame["event_id"]).get_indexer(pd.Index(first.frame["event_id"]))
    intents = (*first.intents, *(intent for intent in second.intents if intent not in first.intents))
    one, other = first.take(order >= 0), second.take(order[order >= 0])
    one = Records(intents, one.frame, _widened(one, intents))
    return one, Records(intents, one.frame, _widened(other, intents))


def _widened(records: Records, intents: tuple[str, ...]) -> dict[str, np.ndarray]:
    """The answers [N, K] with the columns of `intents`; one the model does not know has probability 0."""
    places = [records.intents.index(intent) if intent in records.intents else -1 for intent in intents]
    padded = {name: np.pad(values, ((0, 0), (0, 1))) for name, values in records.answers.items()}
    return {name: values[:, places] for name, values in padded.items()}


def _changed(first: Records, second: Records) -> int:
    both = first.frame.merge(second.frame, on="event_id", suffixes=("", "_other"))
    return int((both["answer"].fillna("") != both["answer_other"].fillna("")).sum())


def _figures(whole: tuple[Records, Records], labelled: tuple[Records, Records]) -> pd.DataFrame:
    columns = [
        {
            "macro_f1": scores_beside(at_labels, names=[MODEL])[MODEL].value,
            "ece": expected_calibration_error(at_labels.labels(), at_labels.answers[MODEL]),
            "brier": brier_score(at_labels.labels(), at_labels.answers[MODEL]),
            "half_seen": _at(by_share_seen(records), "50"),
            "flips": float(session_flips(records)["flips"].mean()),
        }
        for records, at_labels in zip(whole, labelled, strict=True)
    ]
    rows = [(figure, columns[0][figure], columns[1][figure]) for figure in columns[0]]
    return pd.DataFrame(rows, columns=["figure", "first", "second"])


def _at(scored: pd.DataFrame, seen: str) -> float | None:
    found = scored[(scored["name"] == MODEL) & (scored["seen"] == seen)]
    return float(found["macro_f1"].iloc[0]) if len(found) else None


def _per_intent(one: Records, other: Records) -> pd.DataFrame:
    first, second = (
        evaluate_probabilities(records.labels(), records.answers[MODEL])["per_intent"] for records in (one, other)
    )
    rows = [
        (intent, mine["support"], mine["f1"], its["f1"])
        for intent, mine, its in zip(one.intents, first, second, strict=True)
        if mine["support"]
    ]
    return pd.DataFrame(rows, columns=["intent", "support", "first", "second"])


def _disagreements(one: Records, other: Records) -> pd.DataFrame:
    labels, mine, its = one.labels(), one.guesses(), other.guesses()
    found = one.frame[["session_id", "visitor_id", "event_id", "answer"]].assign(
        first=one.intent_ids(mine), second=one.intent_ids(its)
    )
    differing: pd.DataFrame = found[(mine == labels) != (its == labels)]
    return differing.reset_index(drop=True)


def _seen(records: Records, name: str) -> pd.DataFrame:
    scored = by_events_seen(records)
    return scored[scored["name"] == MODEL].assign(name=name)
