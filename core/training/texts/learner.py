"""Fits text models on chosen labelled rows: features are made once, or anew where the encoder itself is tuned."""

import numpy as np

from core.model.foreign_encoder import OWN, ForeignTextEncoder
from core.model.text_classifier import TextFeatures, TextReader, TextViews
from core.training.context import TrainingContext, stop_if_asked
from core.training.texts.arguments import TextArguments
from core.training.texts.contrastive import tuned
from core.training.texts.examples import TextExamples
from core.training.texts.fitting import fit_views
from core.training.texts.own_encoder import teach_encoder
from core.training.texts.self_training import self_train, votes_of_words

NO_ENCODER = "none"


class TextLearner:
    """Texts, their features, and how to fit views on some of the labels."""

    def __init__(self, context: TrainingContext, arguments: TextArguments, examples: TextExamples) -> None:
        self.examples = examples
        self._context = context
        self._arguments = arguments
        texts = [*examples.texts, *examples.unlabelled]
        self._reader = TextReader.fit(texts, self._encoder(texts), arguments.most_ngrams)
        self._labelled, self._unlabelled = self._features(self._reader)
        self.has_unlabelled = len(examples.unlabelled) > 0
        self._votes: np.ndarray | None = None
        if arguments.words:
            self._votes = votes_of_words(examples.unlabelled, arguments.words, examples.intents, context.spec.seed)

    @property
    def tunes(self) -> bool:
        """Whether each fit trains the encoder too, which takes minutes instead of seconds."""
        return self._arguments.tuning == "contrastive"

    def fit(self, rows: np.ndarray, phase: str, *, self_training: bool) -> tuple[TextReader, TextViews]:
        """A reader and views that learned from these labelled rows only ([n] int64)."""
        stop_if_asked(self._context)
        labels, intents = self.examples.labels[rows], len(self.examples.intents)
        reader, labelled, unlabelled = self._reader, self._labelled, self._unlabelled
        if self.tunes and reader.encoder is not None:
            texts = [self.examples.texts[row] for row in rows]
            epochs = self._arguments.tuning_epochs
            encoder = tuned(self._context, reader.encoder, texts, labels, epochs, f"tune for {phase}")
            reader = TextReader(reader.vectorizer, encoder)
            labelled, unlabelled = self._features(reader)
        if not self_training:
            return reader, fit_views(labelled.take(rows), labels, intents)
        views = self_train(labelled.take(rows), labels, unlabelled, intents, self._votes)
        return reader, views

    def read(self, reader: TextReader, rows: np.ndarray) -> TextFeatures:
        """Features of labelled rows by a fitted reader."""
        if reader is self._reader:
            return self._labelled.take(rows)
        return reader.read([self.examples.texts[row] for row in rows])

    def _encoder(self, texts: list[str]) -> ForeignTextEncoder | None:
        name = self._arguments.text_encoder
        if name == NO_ENCODER:
            return None
        if name == OWN:
            return teach_encoder(self._context, texts, self._arguments.text_epochs)
        return ForeignTextEncoder.load(name)

    def _features(self, reader: TextReader) -> tuple[TextFeatures, TextFeatures]:
        def told(done: int, total: int) -> None:
            stop_if_asked(self._context)
            self._context.report(done, total, "encode")

        return reader.read(self.examples.texts, told), reader.read(self.examples.unlabelled or ("",), told)
