"""The taxonomy as a JSON file: to keep, to carry to another shop, to edit elsewhere and bring back."""

import json
from collections.abc import Mapping
from typing import Any

from core.errors import InvalidTaxonomyError
from core.intents.intent import LANGUAGES, Example, Guideline, Intent, Taxonomy
from core.intents.validity import check_taxonomy

FORMAT = "intentlens.taxonomy/1"
_REQUIRED = ("id", "key", "name", "definition", "color", "color_dark")
_OPTIONAL = ("active", "merged_into", "split_into", "guideline")


def write_taxonomy(taxonomy: Taxonomy) -> str:
    """The file's text."""
    return json.dumps(
        {"format": FORMAT, "intents": [_record(intent) for intent in taxonomy]}, ensure_ascii=False, indent=2
    )


def decode_taxonomy(content: bytes, name: str) -> Taxonomy:
    """The taxonomy of a file's bytes, with or without a byte order mark.

    Raises:
        InvalidTaxonomyError: as `read_taxonomy`, or it is not UTF-8.
    """
    try:
        return read_taxonomy(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InvalidTaxonomyError(f"'{name}' is not UTF-8 text ({error}), expected a downloaded taxonomy.") from error


def read_taxonomy(text: str) -> Taxonomy:
    """The taxonomy of a file's text.

    Raises:
        InvalidTaxonomyError: it is no such file; the message names the intent, the field and the value.
    """
    try:
        given = json.loads(text)
    except ValueError as error:
        raise InvalidTaxonomyError(f"The file is not JSON ({error}), expected a downloaded taxonomy.") from error
    if not isinstance(given, dict) or given.get("format") != FORMAT:
        stated = given.get("format") if isinstance(given, dict) else type(given).__name__
        raise InvalidTaxonomyError(f"The file's format is '{stated}', expected '{FORMAT}'.")
    intents = given.get("intents")
    if not isinstance(intents, list) or not intents:
        raise InvalidTaxonomyError("The file has no list 'intents', expected at least two of them.")
    taxonomy = tuple(_intent(record, number) for number, record in enumerate(intents, start=1))
    check_taxonomy(taxonomy)
    return taxonomy


def _record(intent: Intent) -> dict[str, Any]:
    return {
        "id": intent.id,
        "key": intent.key,
        "name": intent.name,
        "definition": intent.definition,
        "color": intent.color,
        "color_dark": intent.color_dark,
        "active": intent.active,
        "merged_into": intent.merged_into,
        "split_into": list(intent.split_into),
        "guideline": intent.guideline.to_record(),
    }


def _intent(record: Any, number: int) -> Intent:
    where = f"Intent {number}"
    if not isinstance(record, dict):
        raise InvalidTaxonomyError(f"{where} is '{str(record)[:60]}', expected an object.")
    where = f"Intent {number} ('{record.get('id')}')"
    for name in _REQUIRED:
        if name not in record:
            raise InvalidTaxonomyError(f"{where} has no '{name}', expected {', '.join(_REQUIRED)}.")
    for name in record:
        if name not in (*_REQUIRED, *_OPTIONAL):
            raise InvalidTaxonomyError(f"{where} has '{name}', which is none of {', '.join((*_REQUIRED, *_OPTIONAL))}.")
    merged_into = record.get("merged_into")
    return Intent(
        id=_text(record, "id", where),
        key=_text(record, "key", where),
        name=_words(record["name"], "name", where),
        definition=_words(record["definition"], "definition", where),
        color=_text(record, "color", where),
        color_dark=_text(record, "color_dark", where),
        active=_truth(record.get("active", True), "active", where),
        merged_into=None if merged_into is None else _text(record, "merged_into", where),
        split_into=tuple(str(part) for part in _list(record.get("split_into") or [], "split_into", where)),
        guideline=_guideline(record.get("guideline") or {}, where),
    )


def _guideline(given: Any, where: str) -> Guideline:
    if not isinstance(given, dict):
        raise InvalidTaxonomyError(f"{where}: guideline is '{str(given)[:60]}', expected an object.")
    text, yes, no = (_words(given.get(name) or {}, f"guideline.{name}", where) for name in ("text", "yes", "no"))
    examples = _list(given.get("examples") or [], "guideline.examples", where)
    return Guideline(text, yes, no, tuple(_example(example, where) for example in examples))


def _example(given: Any, where: str) -> Example:
    if not isinstance(given, dict) or not isinstance(given.get("session_id"), str):
        raise InvalidTaxonomyError(f"{where}: an example is '{str(given)[:60]}', expected session_id, why, positive.")
    positive = _truth(given.get("positive", True), "positive", where)
    return Example(given["session_id"], str(given.get("why") or ""), positive)


def _text(record: Mapping[str, Any], name: str, where: str) -> str:
    if not isinstance(record[name], str):
        raise InvalidTaxonomyError(f"{where}: {name} is '{record[name]}', expected a text.")
    return str(record[name])


def _words(given: Any, name: str, where: str) -> dict[str, str]:
    if not isinstance(given, dict) or not all(isinstance(text, str) for text in given.values()):
        wanted = " and ".join(f'"{language}"' for language in LANGUAGES)
        raise InvalidTaxonomyError(f"{where}: {name} is '{str(given)[:60]}', expected texts by language ({wanted}).")
    return {str(language): text for language, text in given.items()}


def _list(given: Any, name: str, where: str) -> list[Any]:
    if not isinstance(given, list):
        raise InvalidTaxonomyError(f"{where}: {name} is '{str(given)[:60]}', expected a list.")
    return given


def _truth(given: Any, name: str, where: str) -> bool:
    if not isinstance(given, bool):
        raise InvalidTaxonomyError(f"{where}: {name} is '{given}', expected true or false.")
    return given
