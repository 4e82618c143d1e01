"""Downloads that people open in a spreadsheet hold no formula."""

import csv
import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.spreadsheet import inert, spreadsheet_csv


@pytest.mark.parametrize("text", ["=cmd|'/c calc'!A0", "+SUM(A1)", "-2+3", "@x", "\t=1", '=HYPERLINK("http://x")'])
def test_a_formula_becomes_a_text(text: str) -> None:
    assert inert(text) == "'" + text


@pytest.mark.parametrize("cell", ["-5", "+12.5", "-3%", "-1e-05", "shoes", "", None, -4, 0.5])
def test_numbers_and_words_stay_as_they_are(cell: object) -> None:
    assert inert(cell) == cell


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1, max_size=5))
def test_no_cell_begins_a_formula_and_none_is_lost(texts: list[str]) -> None:
    written = spreadsheet_csv(pd.DataFrame({"query": texts, "n": range(len(texts))}))
    read = list(csv.DictReader(io.StringIO(written, newline="")))
    assert [row["query"] for row in read] == [inert(text) for text in texts]
    for row, text in zip(read, texts, strict=True):
        assert row["query"] in (text, "'" + text)
        assert row["query"][:1] not in ("=", "@", "\t", "\r")


def test_numbers_times_and_what_is_missing_are_written_as_pandas_does() -> None:
    frame = pd.DataFrame({"t": pd.to_datetime(["2026-01-02"]), "v": [-1.5], "b": [True], "s": [None]})
    assert spreadsheet_csv(frame).splitlines() == frame.to_csv(index=False).splitlines()
