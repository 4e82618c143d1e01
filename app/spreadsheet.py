"""Tables as CSV that people open in a spreadsheet, which would run a shopper's text as a formula."""

import re
from typing import Any

import pandas as pd

_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?%?")


def spreadsheet_csv(frame: pd.DataFrame) -> str:
    """The table without row numbers, with an apostrophe before each text that a spreadsheet would run.

    Numbers stay as they are, signed ones too. Lines end as RFC 4180 says, which also has a lone carriage return
    in a text quoted. Source: the advice of OWASP on CSV injection.
    """
    texts = frame.select_dtypes(exclude=["number", "bool", "datetime", "timedelta"]).columns
    safe = frame.assign(**{name: frame[name].map(inert, na_action="ignore") for name in texts})
    return str(safe.to_csv(index=False, lineterminator="\r\n"))


def inert(cell: Any) -> Any:
    """A cell that no spreadsheet computes: `=1+2` → `'=1+2`; what is no text comes back as it is."""
    if isinstance(cell, str) and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return "'" + cell
    return cell
