"""The explanation job: many predictions of one model explained and measured; rows to read, not heatmaps to look at."""

import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import torch

from core.errors import InvalidSettingError, NoModelError
from core.explain.attribution import explain_prediction, prediction_of
from core.explain.heatmap import Heatmap
from core.explain.methods.method import Method
from core.explain.methods.registry import DEFAULT_METHOD, method_named
from core.explain.prediction import Prediction
from core.explain.study.dependence import plan_sweeps, swept, usual_currency_of
from core.explain.study.occurrences import occurrences
from core.explain.study.plausibility import plausibility, rationales
from core.explain.study.randomized import STAGES, likeness, randomized
from core.model.scorer import SessionScorer
from core.registry.explanations import (
    DEPENDENCE_FILE,
    EXPLANATIONS_FILE,
    OCCURRENCES_FILE,
    PLAUSIBILITY_FILE,
    write_rows,
)
from core.training.context import TrainingContext, stop_if_asked
from core.training.snapshot import TrainingSnapshot, read_snapshot

SESSIONS = 150
MOST_SESSIONS = 5_000
PREFIXES = 500
MOST_PREFIXES = 20_000
MOST_RATIONALES = 500

_OF_RATIONALE = ("session_id", "visitor_id", "intent")

_Thing = TypeVar("_Thing")


def run(context: TrainingContext) -> dict[str, Any]:
    """Explain the likeliest intent at the last event of sampled sessions, and the sessions people marked.

    Then sweep prices and pauses at the ends of sampled prefixes.

    Its arguments: `sessions`, how many to sample; `method`, by which to explain; `prefixes`, how many to
    sweep (0: none).

    Returns:
        {"model_id", "method", "sessions", "rationales", "prefixes", "unlabelled"}; `prefixes` of the most swept number.

    Raises:
        NoModelError: the run names no model.
        InvalidSettingError: an unusable number of sessions or prefixes. NotFoundError: no such method. JobStoppedError.
    """
    spec = context.spec
    if spec.base_model is None:
        raise NoModelError("No model is chosen, expected a fine-tuned one; fine-tune a model first.")
    sessions = _wanted(spec.arguments, "sessions", SESSIONS, 1, MOST_SESSIONS)
    prefixes = _wanted(spec.arguments, "prefixes", PREFIXES, 0, MOST_PREFIXES)
    method = method_named(str(spec.arguments.get("method", DEFAULT_METHOD)))
    torch.set_num_threads(spec.threads)
    scorer = SessionScorer.load(spec.base_model)
    snapshot = read_snapshot(spec.snapshot)
    chosen, unlabelled = sampled_events(snapshot.events, snapshot.annotations["session_id"], sessions, spec.seed)
    study = _Study(context, scorer, snapshot, method)
    measured = study.measure(chosen)
    compared = study.compare()
    dependence = study.sweep(prefixes)
    about = {"model_id": scorer.model_id, "method": method.name, "unlabelled": unlabelled}
    write_rows(spec.output / EXPLANATIONS_FILE, pd.DataFrame(measured), about)
    if study.occurrences:
        write_rows(spec.output / OCCURRENCES_FILE, pd.DataFrame(study.occurrences), about)
    if compared:
        write_rows(spec.output / PLAUSIBILITY_FILE, pd.DataFrame(compared), about)
    if len(dependence):
        currency = usual_currency_of(snapshot.events, snapshot.items)
        write_rows(spec.output / DEPENDENCE_FILE, dependence, about | {"currency": currency})
    swept_prefixes = int(dependence.groupby("feature")["event_id"].nunique().max()) if len(dependence) else 0
    counts = {"sessions": len(measured), "rationales": len(compared), "prefixes": swept_prefixes}
    return about | counts


def sampled_events(events: pd.DataFrame, labelled: pd.Series, wanted: int, seed: int) -> tuple[pd.DataFrame, bool]:
    """The last events of as many sessions, drawn evenly; and whether nobody labelled any of these sessions.

    Labelled ones are drawn from only where there are too few others: the model learned what to answer there. The lot
    of a session hangs on its id and the seed alone, so that the studies of two models share nearly all of their
    sessions even if some were labelled, or came, between them.

    Args:
        labelled: ids of sessions with labels of their own or of their events.
    """
    last = events.drop_duplicates("session_id", keep="last").dropna(subset="session_id")
    others = last[~last["session_id"].isin(labelled)]
    unlabelled = len(others) >= min(wanted, len(last))
    found = others if unlabelled else last
    lots = pd.util.hash_pandas_object(found["session_id"], index=False, hash_key=f"{seed % 10**16:016d}")
    return found.iloc[np.sort(np.argsort(lots.to_numpy(), kind="stable")[:wanted])], unlabelled


class _Study:
    """One model, one method, the snapshot's visitors."""

    def __init__(
        self, context: TrainingContext, scorer: SessionScorer, snapshot: TrainingSnapshot, method: Method
    ) -> None:
        self.occurrences: list[dict[str, Any]] = []
        self._context = context
        self._scorer = scorer
        self._snapshot = snapshot
        self._method = method
        self._items = snapshot.items
        self._others = {stage: randomized(scorer, stage, seed=context.spec.seed) for stage in STAGES}
        self._visitors = snapshot.events.groupby("visitor_id").indices

    def measure(self, chosen: pd.DataFrame) -> list[dict[str, Any]]:
        """Faithfulness and randomised-weights rows of the chosen events."""
        rows = []
        for event in self._each(chosen.to_dict("records"), "faithfulness"):
            stream, items = self._stream(event["visitor_id"], event["event_id"])
            likeliest = self._scorer.score(stream, items, self._snapshot.media)[-1].argmax()
            intent = self._scorer.intents[int(likeliest)]
            prediction = self._prediction(self._scorer, stream, items, intent)
            started = time.perf_counter()
            heatmap = explain_prediction(prediction, self._method, thorough=True)
            about = {name: event[name] for name in ("event_id", "session_id", "visitor_id")}
            row = about | {"intent": intent, "seconds": time.perf_counter() - started} | figures(heatmap)
            of_session = {"visitor_id": event["visitor_id"], "intent": intent}
            self.occurrences += [of_session | found for found in occurrences(heatmap, stream, items)]
            types = stream["event_type"].tail(len(heatmap.event_ids)).tolist()
            rows.append(row | parts(heatmap, types) | self._likenesses(heatmap, stream, items, intent))
        return rows

    def compare(self) -> list[dict[str, Any]]:
        """Plausibility rows of the sessions in which people marked events."""
        found = list(rationales(self._snapshot.annotations, self._snapshot.events, self._scorer.intents))
        found = found[:MOST_RATIONALES]
        rows = []
        for rationale in self._each(found, "plausibility"):
            stream, items = self._stream(rationale.visitor_id, rationale.event_id)
            prediction = self._prediction(self._scorer, stream, items, rationale.intent)
            heatmap = explain_prediction(prediction, self._method, check=False)
            seen = stream.tail(prediction.event_count)
            own = (seen["session_id"] == rationale.session_id).to_numpy()
            is_marked = seen["event_id"].isin(rationale.marked).to_numpy()[own]
            if 0 < is_marked.sum() < len(is_marked):  # of a very long session the model sees the end only
                measured = asdict(plausibility(heatmap.event_totals[own], is_marked))
                counts = {"events": len(is_marked), "marked": int(is_marked.sum())}
                rows.append({name: getattr(rationale, name) for name in _OF_RATIONALE} | counts | measured)
        return rows

    def sweep(self, wanted: int) -> pd.DataFrame:
        """The rows of `swept` for every feature; empty where there is nothing to sweep."""
        events, items = self._snapshot.events, self._snapshot.items
        sweeps = list(plan_sweeps(events, items, wanted, self._context.spec.seed))
        total, done = sum(len(sweep.events) for sweep in sweeps), 0
        parts = []
        self._context.log(f"dependence: {total}")
        for sweep in sweeps:
            for step, rows in swept(self._scorer, sweep, events, items, self._snapshot.media):
                stop_if_asked(self._context)
                parts.append(rows)
                self._context.report(done + step, total, "dependence")
            done += len(sweep.events)
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

    def _each(self, things: list[_Thing], phase: str) -> Iterator[_Thing]:
        """Things one after another, each reported once it is done with."""
        self._context.log(f"{phase}: {len(things)}")
        for number, thing in enumerate(things, start=1):
            stop_if_asked(self._context)
            yield thing
            self._context.report(number, len(things), phase)

    def _stream(self, visitor_id: str, event_id: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The visitor's events up to that one, and the items they name."""
        stream = self._snapshot.events.iloc[self._visitors[visitor_id]]
        stream = stream.iloc[: int((stream["event_id"] == event_id).to_numpy().argmax()) + 1]
        return stream, self._items[self._items["item_id"].isin(stream["item_id"])]

    def _prediction(self, scorer: SessionScorer, stream: pd.DataFrame, items: pd.DataFrame, intent: str) -> Prediction:
        return prediction_of(scorer, stream, items, self._snapshot.media, intent=intent)

    def _likenesses(self, heatmap: Heatmap, stream: pd.DataFrame, items: pd.DataFrame, intent: str) -> dict[str, float]:
        found: dict[str, float] = {}
        for stage, other in self._others.items():
            prediction = self._prediction(other, stream, items, intent)
            signed, sizes = likeness(heatmap.values, self._method.attribute(prediction).values)
            found |= {f"like_{stage}": signed, f"size_like_{stage}": sizes}
        return found


def figures(heatmap: Heatmap) -> dict[str, Any]:
    """A heatmap's measures as one row."""
    measured = asdict(heatmap.faithfulness) if heatmap.faithfulness else {}
    return {
        "events": len(heatmap.event_ids),
        "probability": heatmap.probability,
        "baseline_probability": heatmap.baseline_probability,
        "relative_error": heatmap.relative_error,
        "steps": heatmap.n_steps,
        "reliability": heatmap.reliability,
        "reason": heatmap.verdict.reason,
        **measured,
    }


def parts(heatmap: Heatmap, types: list[str]) -> dict[str, float]:
    """What each field adds over all events, and what the events of each type add: `field:NAME`, `type:NAME`.

    Types that the session has none of add nothing, and are not there; attention adds nothing at all.
    """
    found: dict[str, float] = {}
    if heatmap.kind == "curiosity":
        return found
    if len(heatmap.fields) > 1:
        totals = zip(heatmap.fields, heatmap.field_totals, strict=True)
        found = {f"field:{name}": float(total) for name, total in totals}
    for kind, total in zip(types, heatmap.event_totals, strict=True):
        found[f"type:{kind}"] = found.get(f"type:{kind}", 0.0) + float(total)
    return found


def _wanted(arguments: dict[str, Any], name: str, usual: int, least: int, most: int) -> int:
    said = arguments.get(name, usual)
    if not isinstance(said, int) or not least <= said <= most:
        raise InvalidSettingError(f"{name} is '{said}', expected a whole number from {least} to {most}.")
    return said
