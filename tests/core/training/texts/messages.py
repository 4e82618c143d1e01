"""Made-up customer messages of three intents: two words of the intent's own among words that all share."""

import json
from pathlib import Path

import numpy as np

WORDS = {
    "refund": ("refund", "money", "退款", "broken", "wrong", "complain"),
    "parcel": ("parcel", "delivery", "物流", "shipping", "where", "late"),
    "praise": ("great", "love", "很好", "perfect", "thanks", "happy"),
}
_SHARED = ("my order", "the shoes", "please", "yesterday", "昨天", "phone", "it was", "again", "blue", "size 42")


def messages(count: int, seed: int, *, informative: bool = True) -> list[tuple[str, str]]:
    """(text, intent) pairs; without `informative` a text's words are of another, random intent."""
    random = np.random.default_rng(seed)
    pairs = []
    for _ in range(count):
        intent = str(random.choice([*WORDS]))
        told = intent if informative else str(random.choice([*WORDS]))
        own, shared = random.choice(WORDS[told], 2, replace=False), random.choice(_SHARED, 3, replace=False)
        words = [*map(str, own), *map(str, shared)]
        pairs.append((" ".join(random.permutation(words)), intent))
    return pairs


def few_of_each(pairs: list[tuple[str, str]], wanted: int) -> list[tuple[str, str]]:
    """The first so many distinct texts of each intent."""
    kept: dict[str, list[str]] = {intent: [] for intent in WORDS}
    for text, intent in pairs:
        if len(kept[intent]) < wanted and text not in kept[intent]:
            kept[intent].append(text)
    return [(text, intent) for intent, texts in kept.items() for text in texts]


def write_texts(folder: Path, pairs: list[tuple[str, str]], unlabelled: list[str] | None = None) -> Path:
    """A snapshot of files only."""
    folder.mkdir(parents=True)
    lines = [json.dumps({"text": text, "intent": intent}, ensure_ascii=False) for text, intent in pairs]
    (folder / "texts.jsonl").write_text("\n".join(lines))
    if unlabelled:
        rows = [json.dumps({"text": text}, ensure_ascii=False) for text in unlabelled]
        (folder / "unlabelled.jsonl").write_text("\n".join(rows))
    return folder
