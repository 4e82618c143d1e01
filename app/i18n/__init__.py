"""Words of the user interface in the reader's language: one JSON file an area and language, keys `area.name`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

Language = Literal["en", "zh"]
LANGUAGES: dict[Language, str] = {"en": "English", "zh": "简体中文"}
FOLDER = Path(__file__).parent


_spoken: ContextVar[Language | None] = ContextVar("spoken", default=None)


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Speak one language within, whoever reads: for files, and where there is no page."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


@lru_cache
def catalogue(language: Language) -> dict[str, str]:
    """All texts of a language, merged from its files."""
    texts: dict[str, str] = {}
    for path in sorted((FOLDER / language).glob("*.json")):
        texts |= json.loads(path.read_text(encoding="utf-8"))
    return texts


def language() -> Language:
    """The one of `speaking`, else the reader's: `?lang=` of the address, else what was chosen, else the browser's."""
    if (spoken := _spoken.get()) is not None:
        return spoken
    if get_script_run_ctx(suppress_warning=True) is None:
        return "en"
    asked = st.query_params.get("lang")
    if asked in LANGUAGES and st.session_state.get("language_asked") != asked:
        st.session_state["language_asked"] = asked
        st.session_state["language"] = asked
    if "language" not in st.session_state:
        st.session_state["language"] = "zh" if (st.context.locale or "").lower().startswith("zh") else "en"
    return cast("Language", st.session_state["language"])


def t(key: str, **values: Any) -> str:
    """The text of a key with its {placeholders} filled; the English one where the language lacks it.

    Raises:
        KeyError: no language has the key.
    """
    text = catalogue(language()).get(key) or catalogue("en")[key]
    return text.format(**values) if values else text
