"""The confusion matrix: labels by the model's answers, each cell a button that lists the sessions behind it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app.components.shared import define_component

SCRIPTS = ("confusion.js",)

_mount = define_component(Path(__file__).parent, SCRIPTS)


def confusion(data: Mapping[str, Any], *, key: str, on_cell: Callable[[], None]) -> None:
    """Mount the matrix.

    Arguments:
        data: `language`, `texts`, `intents` (in the order of the counts), `counts` ([K][K], a row a label) and
            `selected` ([answer, guess] as intent ids, or null).
        key: Names this matrix in the session state.
        on_cell: Called when a cell is chosen: `st.session_state[key].cell` is {answer, guess}, null for none.
    """
    _mount(data=dict(data), key=key, on_cell_change=on_cell)
