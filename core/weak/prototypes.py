"""Rules by meaning: a session gets the vote if one of its texts is close to the rule's sentences, and clearly closer
than to any other intent's.

How close each text is has to be worked out first, by an encoder (text_similarities.py); a text that was not read yet
speaks for nothing. The encoder needs no labels: it is a zero-shot classifier of texts (Yin et al. 2019 compare ways).
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import InvalidRuleError
from core.intents.taxonomy import load_taxonomy
from core.store.warehouse import Warehouse
from core.weak.compiled import CompiledRule, Needs, text_literal

TEXT_PARTS = ("query", "text", "title")
"""Of a session: what was searched for, messages and reviews, and titles of the items of its events."""
USUAL_PARTS = ("query", "text")
"""Titles say which item it is, hardly ever what it is wanted for."""
USUAL_MARGIN = 0.05
MOST_SENTENCES = 20
LONGEST_SENTENCE = 500


@dataclass(frozen=True)
class TextRule:
    """A rule by meaning as its definition says.

    encoder: `model:<model_id>` (the text encoder of a registered model), `minilm`, or a Hugging Face encoder's folder
        or name; sentences: the analyst's own, or the intent's definition; rivals: the definitions of the other intents;
    parts: where texts are looked for; threshold and margin: cosines, of vectors less the mean of the shop's.
    """

    encoder: str
    sentences: tuple[str, ...]
    rivals: tuple[str, ...]
    parts: tuple[str, ...]
    threshold: float
    margin: float

    @property
    def key(self) -> str:
        """Names its similarities: the same for every threshold, margin and choice of parts."""
        said = json.dumps([self.encoder, self.sentences, self.rivals], ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def read_text_rule(warehouse: Warehouse, definition: Mapping[str, Any], intent: str) -> TextRule:
    """The rule of {"encoder", "sentences", "parts", "threshold", "margin"}; without sentences, those of the intent.

    Raises:
        InvalidRuleError: the message names the bad part.
    """
    encoder = definition.get("encoder")
    if not isinstance(encoder, str) or not encoder.strip():
        raise InvalidRuleError("The rule names no text encoder, expected one; train or import a model first.")
    definitions = {one.id: tuple(one.definition.values()) for one in load_taxonomy(warehouse)}
    parts = _parts(definition.get("parts", list(USUAL_PARTS)))
    return TextRule(
        encoder.strip(),
        _sentences(definition.get("sentences", [])) or definitions.get(intent, ()),
        tuple(text for other, texts in definitions.items() if other != intent for text in texts),
        parts,
        _cosine("threshold", definition.get("threshold")),
        _cosine("margin", definition.get("margin", USUAL_MARGIN)),
    )


def compile_text_rule(warehouse: Warehouse, definition: Mapping[str, Any], intent: str) -> CompiledRule:
    """As a condition over the similarities that were worked out.

    Raises:
        InvalidRuleError: see read_text_rule.
    """
    rule = read_text_rule(warehouse, definition, intent)
    parts = ", ".join(text_literal(part) for part in rule.parts)
    needs = Needs()
    condition = needs.texts(
        f"bool_or({speaks_for(rule)}) FILTER (x.similarity_key = {text_literal(rule.key)} AND x.part IN ({parts}))"
    )
    return CompiledRule(condition, needs.features)


def speaks_for(rule: TextRule, table: str = "x") -> str:
    """Whether a text does, as SQL over its similarity and rival."""
    return f"({table}.similarity >= {rule.threshold!r} AND {table}.similarity - {table}.rival >= {rule.margin!r})"


def _parts(given: Any) -> tuple[str, ...]:
    if not isinstance(given, list) or not given or not set(given) <= set(TEXT_PARTS):
        raise InvalidRuleError(f"parts is '{given}', expected some of {', '.join(TEXT_PARTS)}.")
    return tuple(part for part in TEXT_PARTS if part in given)


def _sentences(given: Any) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(sentence, str) for sentence in given):
        raise InvalidRuleError(f"sentences is '{given}', expected a list of texts.")
    sentences = tuple(sentence.strip() for sentence in given if sentence.strip())
    if len(sentences) > MOST_SENTENCES:
        raise InvalidRuleError(f"The rule has {len(sentences)} sentences, expected at most {MOST_SENTENCES}.")
    _refuse_long(sentences)
    return sentences


def _refuse_long(sentences: Sequence[str]) -> None:
    for sentence in sentences:
        if len(sentence) > LONGEST_SENTENCE:
            raise InvalidRuleError(
                f"The sentence '{sentence[:40]} …' has {len(sentence)} characters, expected at most {LONGEST_SENTENCE}."
            )


def _cosine(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > 2:
        raise InvalidRuleError(f"{name} is '{value}', expected a number from -1 to 1.")
    return float(value)
