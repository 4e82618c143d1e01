"""The border around pages: our own errors as they are, others logged and shown in words, none let through."""

import logging

import pytest
from streamlit.testing.v1 import AppTest

SCRIPT = """
import streamlit as st
from app.guard import guard
from core.errors import NoModelError
with guard():
    st.write("before")
    {act}
    st.write("after")
st.write("behind")
"""


def _run(act: str) -> AppTest:
    return AppTest.from_string(SCRIPT.format(act=act)).run(timeout=60)


def test_a_page_without_errors_is_left_alone() -> None:
    page = _run("pass")
    assert [text.value for text in page.markdown] == ["before", "after", "behind"]
    assert not page.error


def test_an_error_of_ours_is_shown_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    page = _run('raise NoModelError("No model yet; train one.")')
    assert [text.value for text in page.markdown] == ["before", "behind"]
    assert [error.value for error in page.error] == ["No model yet; train one."]
    assert not [record for record in caplog.records if record.name == "app.guard"]


def test_any_other_error_is_logged_and_said_in_words(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="app.guard"):
        page = _run('raise ZeroDivisionError("by nothing")')
    assert not page.exception
    assert "ZeroDivisionError: by nothing" in page.error[0].value
    [record] = [record for record in caplog.records if record.name == "app.guard"]
    assert record.exc_info is not None


def test_streamlits_own_rerun_passes_through() -> None:
    page = _run('st.session_state.setdefault("n", 0); st.session_state.n += 1; st.session_state.n < 3 and st.rerun()')
    assert page.session_state.n == 3
    assert not page.error


def test_nothing_is_made_of_what_others_gave() -> None:
    page = _run("raise NoModelError(\"no session '![x](http://y/z.png) $a$ <b>'\")")
    assert [error.value for error in page.error] == [r"no session '!\[x\](http://y/z.png) \$a\$ \<b>'"]


def test_a_quoted_expression_is_shown_as_it_was_written() -> None:
    page = _run("raise NoModelError(\"'__import__(a * b)' of session_id\")")
    assert [error.value for error in page.error] == [r"'\_\_import\_\_(a \* b)' of session_id"]
