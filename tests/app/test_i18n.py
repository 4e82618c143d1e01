"""Both languages say everything, with the same values, and no page asks for words that are not there."""

import re
from pathlib import Path
from string import Formatter

import pytest

from app.i18n import FOLDER, LANGUAGES, catalogue
from app.navigation import PAGES

ROOT = Path(__file__).resolve().parents[2]
USED = re.compile(r"""\bt\(\s*"([a-z_]+\.[a-z_.]+)"[,)]""")


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_the_languages_have_the_same_files_and_keys() -> None:
    files = {language: {path.name for path in (FOLDER / language).glob("*.json")} for language in LANGUAGES}
    assert files["en"] == files["zh"]
    assert set(catalogue("en")) == set(catalogue("zh"))


def test_the_languages_fill_in_the_same_values() -> None:
    differing = [
        key for key, text in catalogue("en").items() if _placeholders(text) != _placeholders(catalogue("zh")[key])
    ]
    assert differing == []


def test_no_text_is_empty() -> None:
    assert [key for language in LANGUAGES for key, text in catalogue(language).items() if not text.strip()] == []


@pytest.mark.parametrize("folder", ["app", "pages"])
def test_every_text_asked_for_exists(folder: str) -> None:
    missing = [
        f"{path.name}: {key}"
        for path in (ROOT / folder).rglob("*.py")
        for key in USED.findall(path.read_text(encoding="utf-8"))
        if key not in catalogue("en")
    ]
    assert missing == []


def test_every_page_has_its_name_and_file() -> None:
    assert [page.url for page in PAGES if page.title_key not in catalogue("en") or not page.file.is_file()] == []
