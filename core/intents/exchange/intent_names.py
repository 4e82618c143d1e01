"""Which intent a file means: by id, by name in either language, or by a mapping given for it."""

from collections.abc import Iterable, Mapping

from core.errors import InvalidAnnotationError
from core.intents.taxonomy import Intent


class IntentNames:
    """Finds the intent that a word of a file stands for."""

    def __init__(self, intents: Iterable[Intent], mapping: Mapping[str, str] | None = None) -> None:
        """
        Args:
            mapping: words of the file to intents (ids or names) of the taxonomy; it goes before everything else.

        Raises:
            InvalidAnnotationError: the mapping leads to an intent the taxonomy does not have.
        """
        intents = tuple(intents)
        self.ids = [intent.id for intent in intents]
        self._known: dict[str, str] = {}
        for intent in sorted(intents, key=lambda intent: not intent.active):  # a name in use goes before an earlier one
            for word in intent.name.values():
                self._known.setdefault(_plain(word), intent.id)
        self._known |= {_plain(intent_id): intent_id for intent_id in self.ids}
        self._mapping: dict[str, str] = {}
        for word, meant in (mapping or {}).items():
            found = self._known.get(_plain(meant))
            if found is None:
                raise InvalidAnnotationError(
                    f"The mapping leads '{word}' to '{meant}', expected one of {', '.join(self.ids)}."
                )
            self._mapping[_plain(word)] = found

    def find(self, word: str) -> str | None:
        """The intent's id, or None where nobody said what the word means."""
        plain = _plain(word)
        return self._mapping.get(plain) or self._known.get(plain)


def parse_mapping(given: Iterable[str]) -> dict[str, str]:
    """`["Buy now=purchase"]` as a mapping.

    Raises:
        InvalidAnnotationError: one of them has no word or no intent.
    """
    mapping = {}
    for text in given:
        word, equals, intent = text.rpartition("=")
        if not (equals and word.strip() and intent.strip()):
            raise InvalidAnnotationError(f"The mapping is '{text}', expected 'WORD OF THE FILE=INTENT'.")
        mapping[word.strip()] = intent.strip()
    return mapping


def _plain(word: str) -> str:
    return " ".join(word.split()).casefold()
