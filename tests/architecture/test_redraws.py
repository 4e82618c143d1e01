"""What runs by the clock never redraws a whole page: that would close dialogs and popovers under somebody's hands."""

import ast
from pathlib import Path

import app

VIEWS = sorted((Path(app.__file__).parent / "views").glob("*.py"))


def _runs_by_the_clock(function: ast.FunctionDef) -> bool:
    calls = [decorator for decorator in function.decorator_list if isinstance(decorator, ast.Call)]
    return any(keyword.arg == "run_every" for call in calls for keyword in call.keywords)


def _redraws(node: ast.AST) -> list[int]:
    """Lines of st.rerun() for the whole page, but not of those behind a button."""
    found: list[int] = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ".button(" in ast.unparse(child.test):
            continue
        if isinstance(child, ast.Call) and ast.unparse(child) == "st.rerun()":
            found.append(child.lineno)
        found += _redraws(child)
    return found


def _by_the_clock(source: str) -> list[int]:
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    return [line for function in functions if _runs_by_the_clock(function) for line in _redraws(function)]


def test_fragments_that_run_by_the_clock_wait_for_rest() -> None:
    guilty = [f"{path.name}:{line}" for path in VIEWS for line in _by_the_clock(path.read_text(encoding="utf-8"))]
    assert guilty == [], "use app.components.resting.rerun_at_rest instead of st.rerun"


def test_the_check_sees_a_redraw_by_the_clock_and_lets_a_button_pass() -> None:
    source = "@st.fragment(run_every=1.0)\ndef follow():\n    if {test}:\n        st.rerun()\n"
    assert _by_the_clock(source.format(test="done")) == [4]
    assert _by_the_clock(source.format(test="st.button('Stop')")) == []
