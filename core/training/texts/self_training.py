"""Learning from unlabelled texts: guesses at them become labels.

Without further help the surest guesses are believed, round by round (Yarowsky 1995), intent by intent in the labels'
proportions, so that a run cannot drift into one intent. Words that speak for an intent, where somebody gave any, are a
far better start than a few labels (as a label word is in pattern-exploiting training, Schick and Schütze 2021): texts
with such a word teach a naive Bayes model (Nigam et al. 2000), whose guesses at nearly all texts teach the read-outs.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.sparse import csr_matrix, vstack
from scipy.special import logsumexp

from core.errors import InvalidSettingError
from core.model.text_classifier import TextFeatures, TextViews
from core.training.texts.fitting import fit_views, stacked

ROUNDS: tuple[float, ...] = (0.05, 0.1, 0.2, 0.4)
"""Share of the unlabelled texts that are believed in each round."""

SHARE_BY_WORDS = 0.9
"""Share that is believed when words gave the start."""

LABELLED_SHARE = 0.1
"""Total weight of the labelled rows beside that of the believed ones; never less than one each."""

LEAST_OF_WORDS = 10
MOST_OF_WORDS = 4000
_BAYES_SMOOTHING = 3.0
_BAYES_LABEL_WEIGHT = 3.0
_ALIGN_STEPS = 50


def self_train(
    labelled: TextFeatures,
    labels: np.ndarray,
    unlabelled: TextFeatures,
    intents: int,
    votes: np.ndarray | None = None,
) -> TextViews:
    """Views from labelled rows and from guesses at the unlabelled ones.

    Args:
        labels: [N] int64.
        votes: [U] int64, intents of unlabelled texts by their words, -1 where they say nothing.
    """
    rates = np.bincount(labels, minlength=intents) / len(labels)
    if votes is not None:
        guessed = _bayes(labelled.ngrams, labels, unlabelled.ngrams, votes, intents)
        return _taught(labelled, labels, unlabelled, aligned(guessed, rates), SHARE_BY_WORDS, rates)
    views = fit_views(labelled, labels, intents)
    for share in ROUNDS:
        views = _taught(labelled, labels, unlabelled, views.logits(unlabelled), share, rates)
    return views


def aligned(logits: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """Log-probabilities [U, K] moved until each intent is guessed as often as `rates` say (Berthelot et al. 2020)."""
    bias = np.zeros(logits.shape[1])
    for _ in range(_ALIGN_STEPS):
        moved = logits + bias
        likely = np.exp(moved - logsumexp(moved, axis=1, keepdims=True)).mean(axis=0)
        bias += np.log(rates / likely.clip(1e-9))
    moved = logits + bias
    return np.asarray(moved - logsumexp(moved, axis=1, keepdims=True))


def surest(logits: np.ndarray, rates: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Rows and guesses: of each intent the surest so many, in proportion to `rates`; each row once.

    Args:
        logits: [U, K] log-probabilities.
        rates: [K] the intents' shares, sum 1.
        share: of all rows that are chosen.
    """
    guess = logits.argmax(axis=1)
    ordered = np.sort(logits, axis=1)
    margin = ordered[:, -1] - ordered[:, -2]
    rows = []
    for intent, rate in enumerate(rates):
        of_intent = np.flatnonzero(guess == intent)
        wanted = max(1, round(rate * share * len(logits)))
        rows.append(of_intent[np.argsort(-margin[of_intent], kind="stable")][:wanted])
    chosen = np.sort(np.concatenate(rows))
    return chosen, guess[chosen]


def votes_of_words(
    texts: Sequence[str], words: Mapping[str, Sequence[str]], intents: Sequence[str], seed: int
) -> np.ndarray:
    """[U] int64: the intent whose words a text holds, -1 where none or several; as many texts of each intent.

    A word inside a longer word of another intent does not count (满意 in 不满意).

    Raises:
        InvalidSettingError: words of an intent that no label has, or that hardly any text holds.
    """
    unknown = sorted(set(words) - set(intents))
    if unknown:
        raise InvalidSettingError(f"words are given for '{unknown[0]}', expected one of {', '.join(intents)}.")
    held = np.stack([_holds(texts, intent, words) for intent in intents], axis=1)  # [U, K]
    alone = held.sum(axis=1) == 1
    votes = np.where(alone, held.argmax(axis=1), -1)
    counts = {intent: int((votes == place).sum()) for place, intent in enumerate(intents) if words.get(intent)}
    scarce = min(counts, key=lambda intent: counts[intent])
    if counts[scarce] < LEAST_OF_WORDS:
        raise InvalidSettingError(
            f"The words of '{scarce}' stand in {counts[scarce]} unlabelled texts, expected {LEAST_OF_WORDS}; "
            f"give commoner words."
        )
    return _balanced(votes, min(*counts.values(), MOST_OF_WORDS), seed)


def _holds(texts: Sequence[str], intent: str, words: Mapping[str, Sequence[str]]) -> np.ndarray:
    """[U] bool: whether a text holds a word of the intent outside longer words of the others."""
    others = [word for other, given in words.items() if other != intent for word in given]
    held = np.zeros(len(texts), dtype=bool)
    for word in words.get(intent, ()):
        longer = [other for other in others if word in other]
        for row, text in enumerate(texts):
            rest = text
            for other in longer:
                rest = rest.replace(other, " ")
            held[row] |= word in rest
    return held


def _balanced(votes: np.ndarray, most: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    kept = np.full_like(votes, -1)
    for intent in np.unique(votes[votes >= 0]):
        rows = np.flatnonzero(votes == intent)
        kept[random.choice(rows, min(most, len(rows)), replace=False)] = intent
    return kept


def _bayes(
    labelled: csr_matrix, labels: np.ndarray, unlabelled: csr_matrix, votes: np.ndarray, intents: int
) -> np.ndarray:
    """[U, K] scores of naive Bayes on which n-grams a text holds, taught by votes and labels.

    Divided by the root of the text's length: n-grams of one word say the same again, so plain sums are far too sure.
    """
    told = np.flatnonzero(votes >= 0)
    held = vstack([labelled, unlabelled[told]]).tocsr() > 0
    answers = np.eye(intents)[np.concatenate([labels, votes[told]])]
    answers[: len(labels)] *= _BAYES_LABEL_WEIGHT
    counts = held.T.astype(np.float32) @ answers  # [V, K]
    log_rates = np.log(counts + _BAYES_SMOOTHING) - np.log(answers.sum(axis=0) + 2 * _BAYES_SMOOTHING)
    asked = (unlabelled > 0).astype(np.float32)
    length = np.asarray(asked.sum(axis=1)).ravel()
    return np.asarray(asked @ log_rates) / np.sqrt(length + 1)[:, None]


def _taught(
    labelled: TextFeatures,
    labels: np.ndarray,
    unlabelled: TextFeatures,
    logits: np.ndarray,
    share: float,
    rates: np.ndarray,
) -> TextViews:
    """Views from the labels and the surest guesses of `logits` at the unlabelled rows."""
    rows, guesses = surest(logits, rates, share)
    weight = max(1.0, LABELLED_SHARE * len(rows) / len(labels))
    weights = np.concatenate([np.full(len(labels), weight), np.ones(len(rows))])
    features = stacked(labelled, unlabelled.take(rows))
    return fit_views(features, np.concatenate([labels, guesses]), len(rates), weights)
