"""What each word of an event's text added: Layer Integrated Gradients through the text encoder.

The path: token embeddings → text vector → text field of that one event → probability; everything else stays as it was.
It runs from the text with every word hidden to the text as it was, so the words add up to what the words at this event
add as a whole, up to convergence_delta. That is not the text cell of the heatmap, which shares out the change from the
mean event among all events and fields. A hidden word reads as the mask token, the mean of all tokens, the unknown or
the padding token: whichever answers most like the mean event's text, since an encoder that was never shown masks may
read something definite into them.
Source: Sundararajan, Taly, Yan 2017 (arXiv 1703.01365), at the embedding layer, by Captum.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from captum.attr import IntegratedGradients
from torch import Tensor

from core.errors import NotFoundError
from core.explain.question import Question, ask
from core.explain.token_path import Span, TokenPath, token_path
from core.model.event_encoder import VectorField
from core.model.fields import FIELDS

if TYPE_CHECKING:
    from core.model.scorer import SessionScorer

_TRUSTED_ERROR = 0.01
_SMALLEST_CHANGE = 0.01
_PARTS, _STEPS, _MOST_STEPS = 4, 8, 320
"""Stretches of the path to begin with, points on each, and points at most."""

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+|[^\w\s]")
"""A Chinese or Japanese character, a run of other letters and digits, or a sign."""


@dataclass(frozen=True)
class Word:
    """A word at `start`..`end` of its text, in points of probability / 100; `read` is False beyond what is read."""

    text: str
    start: int
    end: int
    value: float
    read: bool


@dataclass(frozen=True)
class TextWords:
    """One text of the event: `part` is "own" (query or message) or "title" (of the item)."""

    part: str
    text: str
    words: tuple[Word, ...]


@dataclass(frozen=True)
class EventWords:
    """The words of an event.

    value, value_hidden: what was asked (p, or p(A) − p(B)) with the words as they were, and with all of them hidden.
    baseline, value_neutral: what hides them (BASELINES), and the value with the mean event's text instead of this one.
    relative_error: |convergence_delta| ÷ max(|value − value_hidden|, 0.01).
    """

    event_id: str
    texts: tuple[TextWords, ...]
    value: float
    value_hidden: float
    value_neutral: float
    baseline: str
    convergence_delta: float
    relative_error: float
    n_steps: int

    def ranked(self) -> list[Word]:
        """All words that were read, the strongest first."""
        return sorted((w for text in self.texts for w in text.words if w.read), key=lambda word: -abs(word.value))

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain JSON values."""
        return {
            "event_id": self.event_id,
            "texts": [
                {"part": text.part, "text": text.text, "words": [asdict(word) for word in text.words]}
                for text in self.texts
            ],
            "value": self.value,
            "value_hidden": self.value_hidden,
            "value_neutral": self.value_neutral,
            "baseline": self.baseline,
            "convergence_delta": self.convergence_delta,
            "relative_error": self.relative_error,
            "n_steps": self.n_steps,
        }

    def to_frame(self) -> pd.DataFrame:
        """One row a word, for the download."""
        return pd.DataFrame([{"part": text.part} | asdict(word) for text in self.texts for word in text.words])


def explain_words(
    scorer: "SessionScorer",
    events: pd.DataFrame,
    items: pd.DataFrame,
    media: Path | None = None,
    *,
    event_id: str,
    intent: str,
    against: str | None = None,
) -> EventWords:
    """Explain the prediction at the last of a visitor's events by the words of the event `event_id`.

    Raises:
        NotFoundError: the model does not see that event there, or it has no text.
        UnknownIntentError: the model does not know an intent.
    """
    question = ask(scorer, events, items, media, intent=intent, against=against)
    place = place_of(question, events, event_id)
    texts = _texts_of(scorer, events, items, len(events) - question.field_embeddings.shape[1] + place)
    if not texts:
        raise NotFoundError(f"The event '{event_id}' has no text that the model reads; choose one with a text.")
    paths = {part: token_path(scorer, text) for part, text in texts.items()}
    function = _function(question, place, paths)
    name, neutral = _most_neutral(question, place, paths, function)
    attributions, delta, value, hidden, steps = _integrate(function, paths, name)
    told, at = [], 0
    for part, path in paths.items():
        tokens = attributions[at : at + len(path.spans)]
        told.append(TextWords(part, texts[part], words_of(texts[part], path.spans, tokens)))
        at += len(path.embeddings)
    return EventWords(
        event_id=event_id,
        texts=tuple(told),
        value=value,
        value_hidden=hidden,
        value_neutral=neutral,
        baseline=name,
        convergence_delta=delta,
        relative_error=abs(delta) / max(abs(value - hidden), _SMALLEST_CHANGE),
        n_steps=steps,
    )


def words_of(text: str, spans: Sequence[Span], values: npt.NDArray[np.floating[Any]]) -> tuple[Word, ...]:
    """Word pieces summed to words; a piece over several words is shared out by its letters in each.

    Args:
        spans: where each piece lies in the text.
        values: [L] what each piece adds.
    """
    found = [(match.start(), match.end()) for match in _WORD.finditer(text)]
    totals, read = np.zeros(len(found)), np.zeros(len(found), dtype=bool)
    for (start, end), value in zip(spans, values, strict=False):
        shared = np.array([max(0, min(end, b) - max(start, a)) for a, b in found], dtype=float)
        if shared.sum():
            totals += float(value) * shared / shared.sum()
            read |= shared > 0
    return tuple(
        Word(text[a:b], a, b, float(total), bool(seen)) for (a, b), total, seen in zip(found, totals, read, strict=True)
    )


def place_of(question: Question, events: pd.DataFrame, event_id: str) -> int:
    """The place of an event among those the model sees.

    Raises:
        NotFoundError: it does not see that event.
    """
    seen = events["event_id"].tail(question.field_embeddings.shape[1]).tolist()
    if event_id not in seen:
        raise NotFoundError(f"The event '{event_id}' is not among the {len(seen)} events that the model sees there.")
    return seen.index(event_id)


def _texts_of(scorer: "SessionScorer", events: pd.DataFrame, items: pd.DataFrame, row: int) -> dict[str, str]:
    table = scorer.featurizer.transform(events, items)
    rows = {"own": int(table.own_text[row]), "title": int(table.title[row])}
    return {part: table.texts[at] for part, at in rows.items() if at}


def _most_neutral(question: Question, place: int, paths: dict[str, TokenPath], function: Any) -> tuple[str, float]:
    """The name of the baseline that answers most like the mean event's text, and that answer."""
    mean = question.scorer.mean_event_baseline()[FIELDS.index("text")]
    neutral = float(question.values_with(place, "text", mean[None])[0])
    names = list(next(iter(paths.values())).hidden)
    with torch.no_grad():
        values = function(torch.stack([_hidden(paths, name) for name in names]))
    return names[int((values - neutral).abs().argmin())], neutral


def _hidden(paths: dict[str, TokenPath], name: str) -> Tensor:
    return torch.cat([path.hidden[name] for path in paths.values()])


def _integrate(
    function: Any, paths: dict[str, TokenPath], hidden_by: str
) -> tuple[npt.NDArray[np.float32], float, float, float, int]:
    """What each token adds [ΣL], the delta, the values with and without the words, and the points it took."""
    embeddings = torch.cat([path.embeddings for path in paths.values()])[None]
    baseline = _hidden(paths, hidden_by)[None]
    with torch.no_grad():
        value, hidden = float(function(embeddings)[0]), float(function(baseline)[0])
    parts = [_part(function, baseline, embeddings, at / _PARTS, (at + 1) / _PARTS) for at in range(_PARTS)]
    while _error(parts, value - hidden) > _TRUSTED_ERROR and len(parts) * _STEPS < _MOST_STEPS:
        worst = max(parts, key=lambda part: abs(part.delta))
        middle = (worst.begin + worst.end) / 2
        parts.remove(worst)
        parts += [
            _part(function, baseline, embeddings, worst.begin, middle),
            _part(function, baseline, embeddings, middle, worst.end),
        ]
    attributions = torch.stack([part.attributions for part in parts]).sum(dim=0).numpy()
    return attributions, sum(part.delta for part in parts), value, hidden, len(parts) * _STEPS


@dataclass(frozen=True)
class _Part:
    """A stretch of the path, both ends in 0..1: what each token adds along it [ΣL], and what it misses."""

    begin: float
    end: float
    attributions: Tensor
    delta: float


def _part(function: Any, baseline: Tensor, embeddings: Tensor, begin: float, end: float) -> _Part:
    """Text encoders normalise, so that nearly all may happen in a short stretch: that one is halved again and again."""
    attributions, delta = IntegratedGradients(function).attribute(
        torch.lerp(baseline, embeddings, end),
        baselines=torch.lerp(baseline, embeddings, begin),
        n_steps=_STEPS,
        internal_batch_size=_STEPS,
        return_convergence_delta=True,
    )
    return _Part(begin, end, attributions.detach().sum(-1)[0], float(delta))


def _error(parts: Sequence[_Part], change: float) -> float:
    return sum(abs(part.delta) for part in parts) / max(abs(change), _SMALLEST_CHANGE)


def _function(question: Question, place: int, paths: dict[str, TokenPath]) -> Any:
    """[B, ΣL, w] token embeddings of both texts -> [B], what is asked."""
    encoder = question.scorer.model.event_encoder
    fields: dict[str, VectorField] = {"own": encoder.own_text, "title": encoder.title}

    def value(embeddings: Tensor) -> Tensor:
        at, text = 0, torch.zeros(())
        for part, field in fields.items():
            if part in paths:
                length = len(paths[part].embeddings)
                text = text + field.project(paths[part].vectors(embeddings[:, at : at + length]))
                at += length
            else:
                text = text + field.missing
        return question.value_with(place, "text", text)

    return value
