"""Intents of texts alone: a linear read-out of character n-grams beside one of an encoder's vectors; may abstain."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file
from scipy.sparse import csr_matrix
from scipy.special import log_softmax, softmax
from sklearn.feature_extraction.text import TfidfVectorizer

from core.errors import BrokenCheckpointError, InvalidSettingError
from core.model.foreign_encoder import ForeignTextEncoder

TEXT_CARD = "text_card.json"
NGRAMS_FILE = "ngrams.json"
WEIGHTS_FILE = "weights.safetensors"
ENCODER_FOLDER = "text_encoder"
LONGEST_GRAM = 4


@dataclass(frozen=True)
class TextFeatures:
    """ngrams: [N, V] TF-IDF, rows of length 1; vectors: [N, d] float32 of length 1, or None without an encoder."""

    ngrams: csr_matrix
    vectors: np.ndarray | None

    def take(self, rows: np.ndarray) -> "TextFeatures":
        """The chosen rows (bool or int index)."""
        return TextFeatures(self.ngrams[rows], None if self.vectors is None else self.vectors[rows])


@dataclass(frozen=True)
class LinearView:
    """weight [K, V or d] and bias [K] float32."""

    weight: np.ndarray
    bias: np.ndarray

    def log_probabilities(self, features: Any) -> np.ndarray:
        """[N, K]."""
        answered: np.ndarray = log_softmax(np.asarray(features @ self.weight.T) + self.bias, axis=1)
        return answered


@dataclass(frozen=True)
class TextViews:
    """Both read-outs; their log-probabilities are averaged, as two witnesses who saw different things."""

    ngrams: LinearView
    vectors: LinearView | None
    vectors_share: float = 0.5

    def logits(self, features: TextFeatures) -> np.ndarray:
        """[N, K] averaged log-probabilities."""
        words = self.ngrams.log_probabilities(features.ngrams)
        if self.vectors is None or features.vectors is None:
            return words
        meaning = self.vectors.log_probabilities(features.vectors)
        return (1 - self.vectors_share) * words + self.vectors_share * meaning


@dataclass(frozen=True)
class TextReader:
    """Texts to features: a fitted n-gram vectoriser and, unless None, an encoder."""

    vectorizer: TfidfVectorizer
    encoder: ForeignTextEncoder | None

    @classmethod
    def fit(cls, texts: Sequence[str], encoder: ForeignTextEncoder | None, most_ngrams: int) -> "TextReader":
        """Learn the n-grams of texts; no labels are needed, so unlabelled texts help."""
        vectorizer = make_vectorizer(most_ngrams, 2 if len(texts) > 500 else 1)
        try:
            return cls(vectorizer.fit(texts), encoder)
        except ValueError as error:
            raise InvalidSettingError(f"The {len(texts)} texts hold no characters to learn from ({error}).") from error

    def read(self, texts: Sequence[str], told: Callable[[int, int], None] | None = None) -> TextFeatures:
        """Features of texts."""
        ngrams = csr_matrix(self.vectorizer.transform(texts))
        if self.encoder is None:
            return TextFeatures(ngrams, None)
        vectors = self.encoder.encode(texts, told).numpy()
        length = np.linalg.norm(vectors, axis=1, keepdims=True)
        return TextFeatures(ngrams, vectors / np.maximum(length, 1e-9))


def make_vectorizer(most_ngrams: int | None = None, least_texts: int = 1, **more: Any) -> TfidfVectorizer:
    """Character n-grams of 1 to 4 within words: Chinese needs no segmenting, and misspelt words keep most of theirs."""
    return TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=(1, LONGEST_GRAM),
        sublinear_tf=True,
        min_df=least_texts,
        max_features=most_ngrams,
        dtype=np.float32,
        **more,
    )


class TextClassifier:
    """A trained text model: calibrated probabilities, and None for an answer that it had better not give."""

    def __init__(self, reader: TextReader, views: TextViews, card: dict[str, Any]) -> None:
        self.reader = reader
        self.views = views
        self.card = card
        self.intents: tuple[str, ...] = tuple(card["intents"])
        self.temperature = float(card["temperature"])
        self.abstain_below = float(card["abstain_below"])

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """[N, K] float64 in the order of `intents`."""
        if not len(texts):
            return np.zeros((0, len(self.intents)))
        answered: np.ndarray = softmax(self.views.logits(self.reader.read(texts)) / self.temperature, axis=1)
        return answered

    def answers(self, probabilities: np.ndarray) -> list[str | None]:
        """The likeliest intent of each row of probabilities; None where it stays below `abstain_below`."""
        return [self.intents[int(row.argmax())] if row.max() >= self.abstain_below else None for row in probabilities]

    def save(self, folder: Path) -> None:
        """Write the model folder; the card comes last, so a folder with a card is complete."""
        folder.mkdir(parents=True, exist_ok=True)
        names = [str(name) for name in self.reader.vectorizer.get_feature_names_out()]
        (folder / NGRAMS_FILE).write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")
        parts = {"ngrams.weight": self.views.ngrams.weight, "ngrams.bias": self.views.ngrams.bias}
        if self.views.vectors is not None:
            parts |= {"vectors.weight": self.views.vectors.weight, "vectors.bias": self.views.vectors.bias}
        parts |= {"ngrams.idf": self.reader.vectorizer.idf_}
        arrays = {name: np.ascontiguousarray(part, np.float32) for name, part in parts.items()}
        save_file(arrays, folder / WEIGHTS_FILE)
        if self.reader.encoder is not None:
            self.reader.encoder.save(folder / ENCODER_FOLDER)
        card = self.card | {"vectors_share": self.views.vectors_share}
        text = json.dumps(card, ensure_ascii=False, indent=2, sort_keys=True)
        (folder / TEXT_CARD).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "TextClassifier":
        """Read a model folder.

        Raises:
            BrokenCheckpointError: a file is missing or damaged.
        """
        try:
            card = json.loads((folder / TEXT_CARD).read_text(encoding="utf-8"))
            names = json.loads((folder / NGRAMS_FILE).read_text(encoding="utf-8"))
            parts = load_file(folder / WEIGHTS_FILE)
            encoder = None if "vectors.bias" not in parts else ForeignTextEncoder.load(str(folder / ENCODER_FOLDER))
            vectorizer = make_vectorizer(vocabulary={name: place for place, name in enumerate(names)})
            vectorizer.idf_ = parts["ngrams.idf"]
            ngrams = LinearView(parts["ngrams.weight"], parts["ngrams.bias"])
            vectors = None if encoder is None else LinearView(parts["vectors.weight"], parts["vectors.bias"])
            views = TextViews(ngrams, vectors, float(card["vectors_share"]))
            return cls(TextReader(vectorizer, encoder), views, card)
        except (OSError, ValueError, KeyError, TypeError, SafetensorError, InvalidSettingError) as error:
            raise BrokenCheckpointError(
                f"The text model in '{folder}' cannot be read ({error}); train it again."
            ) from error
