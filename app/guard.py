"""The border around every page: what goes wrong inside is logged and shown in plain words."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from app.components.parts import sentence
from app.i18n import t
from core.errors import IntentLensError

_log = logging.getLogger(__name__)


@contextmanager
def guard() -> Iterator[None]:
    """Show an IntentLensError's own message; of any other error, that it was logged and what to do."""
    try:
        yield
    except IntentLensError as error:
        st.error(sentence(str(error)), icon=":material/error:")
    except Exception as error:  # the page's border: logged here, shown in words
        _log.exception("A page failed.")
        st.error(t("shell.page_failed", error=sentence(f"{type(error).__name__}: {error}")), icon=":material/error:")
