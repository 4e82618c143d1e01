"""What a taxonomy must be: the bounds of ids, names, keys, colours and guidelines."""

import re

from core.errors import InvalidTaxonomyError
from core.intents.colors import is_color
from core.intents.intent import LANGUAGES, Guideline, Intent, Taxonomy, Words, by_id, stands_for

KEYS = "1234567890qwertyuiopdflzvbm"
"""Keys an intent can have, in the order in which free ones are given out."""
RESERVED_KEYS = frozenset("acghjknrsx")
"""Letters with another meaning in the labeler (app/components/labeler/keys.js) or in Streamlit (c, r)."""
LONGEST_NAME, LONGEST_TEXT, MOST_ACTIVE, MOST_EXAMPLES = 40, 4000, len(KEYS), 20
LEAST_ACTIVE = 2

_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")


def check_taxonomy(taxonomy: Taxonomy) -> None:
    """Refuse what no edit may leave behind.

    Raises:
        InvalidTaxonomyError: the message names the intent and the value.
    """
    ids = [intent.id for intent in taxonomy]
    for name in ids:
        if ids.count(name) > 1:
            raise InvalidTaxonomyError(f"The id '{name}' is there {ids.count(name)} times, expected once.")
    active = [intent for intent in taxonomy if intent.active]
    if len(active) < LEAST_ACTIVE:
        raise InvalidTaxonomyError(f"{len(active)} intents would be left to choose from, expected {LEAST_ACTIVE}.")
    if len(active) > MOST_ACTIVE:
        raise InvalidTaxonomyError(f"{len(active)} intents are active, expected at most {MOST_ACTIVE}: one a key.")
    owners: dict[str, str] = {}
    for intent in taxonomy:
        check_intent(intent)
        if intent.active and intent.key in owners:
            raise InvalidTaxonomyError(
                f"'{intent.id}' has the key '{intent.key}' of '{owners[intent.key]}', expected a free one "
                f"such as '{free_key(taxonomy)}'."
            )
        if intent.active:
            owners[intent.key] = intent.id
    try:
        stands_for(taxonomy)
    except ValueError as error:
        raise InvalidTaxonomyError(f"{str(error).capitalize()}; merge into an intent that is offered.") from error
    _check_parts(taxonomy)


def _check_parts(taxonomy: Taxonomy) -> None:
    known = by_id(taxonomy)
    for intent in taxonomy:
        for part in intent.split_into:
            if part not in known:
                raise InvalidTaxonomyError(f"'{intent.id}' is split into '{part}', which there is not.")


def check_intent(intent: Intent) -> None:
    """Refuse an intent that cannot be shown or kept.

    Raises:
        InvalidTaxonomyError: the message names the intent and the value.
    """
    if not _ID.fullmatch(intent.id):
        raise InvalidTaxonomyError(
            f"The id is '{intent.id}', expected 1 to 40 lower-case letters, digits and _, a letter first."
        )
    for language in LANGUAGES:
        name = intent.name.get(language, "")
        if not name.strip() or len(name) > LONGEST_NAME:
            raise InvalidTaxonomyError(
                f"The name of '{intent.id}' in '{language}' is '{name}', expected 1 to {LONGEST_NAME} characters."
            )
    if intent.key in RESERVED_KEYS:
        raise InvalidTaxonomyError(f"'{intent.id}' has the key '{intent.key}', which the labeler uses; choose another.")
    if intent.key not in KEYS or len(intent.key) != 1:
        raise InvalidTaxonomyError(f"'{intent.id}' has the key '{intent.key}', expected one of {' '.join(KEYS)}.")
    for color in (intent.color, intent.color_dark):
        if not is_color(color):
            raise InvalidTaxonomyError(f"A colour of '{intent.id}' is '{color}', expected one such as #4477AA.")
    if intent.active and (intent.merged_into or intent.split_into):
        raise InvalidTaxonomyError(f"'{intent.id}' is active, so it is neither merged nor split.")
    check_guideline(intent.id, intent.guideline)
    _check_lengths(intent.id, "definition", intent.definition)


def check_guideline(intent: str, guideline: Guideline) -> None:
    """Refuse a guideline that cannot be shown or kept.

    Raises:
        InvalidTaxonomyError: a text is too long, there are too many examples, or one has no session or stands twice.
    """
    for name in ("text", "yes", "no"):
        _check_lengths(intent, name, getattr(guideline, name))
    if len(guideline.examples) > MOST_EXAMPLES:
        raise InvalidTaxonomyError(
            f"'{intent}' has {len(guideline.examples)} examples, expected at most {MOST_EXAMPLES}; few are read."
        )
    sessions = [example.session_id for example in guideline.examples]
    for session_id in sessions:
        if not session_id.strip():
            raise InvalidTaxonomyError(f"An example of '{intent}' has no session id, expected one.")
        if sessions.count(session_id) > 1:
            raise InvalidTaxonomyError(f"The session '{session_id}' is an example of '{intent}' already.")


def _check_lengths(intent: str, what: str, words: Words) -> None:
    for language, text in words.items():
        if language not in LANGUAGES:
            raise InvalidTaxonomyError(f"'{intent}' has a {what} in '{language}', expected {', '.join(LANGUAGES)}.")
        if len(text) > LONGEST_TEXT:
            raise InvalidTaxonomyError(
                f"The {what} of '{intent}' in '{language}' has {len(text)} characters, expected {LONGEST_TEXT} at most."
            )


def free_key(taxonomy: Taxonomy) -> str:
    """A key that no active intent has."""
    taken = {intent.key for intent in taxonomy if intent.active}
    return next((key for key in KEYS if key not in taken), KEYS[0])
