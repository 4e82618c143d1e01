"""The documentation page: whole in both languages, and without anything from elsewhere."""

import json
import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from app.api.docs import FILES, FOLDER
from app.api.openapi import document
from tests.app.api.test_error_shape import assert_error_shape


def _words(name: str) -> dict[str, dict[str, str]]:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def _texts() -> Iterator[str]:
    whole = document(needs_key=True)
    yield from (tag["description"] for tag in whole["tags"])
    for methods in whole["paths"].values():
        for operation in methods.values():
            yield operation["summary"]
            yield operation.get("description", "")
            yield from (parameter["description"] for parameter in operation.get("parameters", ()))
            for answer in operation["responses"].values():
                yield answer["description"]
                yield from (header["description"] for header in answer.get("headers", {}).values())
    for schema in whole["components"]["schemas"].values():
        yield from (field.get("description", "") for field in schema.get("properties", {}).values())


def test_every_text_of_the_document_is_there_in_chinese() -> None:
    known = _words("zh")["texts"]
    assert [text for text in dict.fromkeys(_texts()) if text and text not in known] == []
    assert set(known) == {text for text in _texts() if text}


def test_both_languages_have_every_word_the_page_asks_for() -> None:
    asked = set(re.findall(r"\bt\('(\w+)'\)", (FOLDER / "docs.js").read_text(encoding="utf-8")))
    tags = {tag["name"] for tag in document(needs_key=False)["tags"]}
    places = {"path", "query", "header", "name", "type", "meaning"}
    for language in ("en", "zh"):
        assert set(_words(language)["page"]) == asked | tags | places


@pytest.mark.parametrize("name", ["", *(f"/{name}" for name in FILES)])
def test_its_files_are_served_and_load_nothing_from_elsewhere(name: str, client: TestClient) -> None:
    answer = client.get(f"/v1/docs{name}")
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == "default-src 'self'; img-src data:"
    if not name.endswith(".json"):
        assert re.findall(r"(?:src|href|url\(|import)[^\n]*https?://", answer.text) == []


@pytest.mark.parametrize("name", ["docs.html", "other.js", "..%2Fdocs.py", "%2e%2e"])
def test_no_other_file_is_served(name: str, client: TestClient) -> None:
    assert_error_shape(client.get(f"/v1/docs/{name}"), 404)
