"""A page links to itself by `here_link`: Streamlit's own link to the page it stands on leaves the address as it was."""

import ast

from tests.architecture.test_redraws import VIEWS


def _links(source: str) -> list[str]:
    """The pages that calls of page_link name."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    linking = [call for call in calls if ast.unparse(call.func) == "page_link" and call.args]
    return [str(call.args[0].value) for call in linking if isinstance(call.args[0], ast.Constant)]


def _is_of(view: str, page: str) -> bool:
    """Whether a view of this name is a part of the page."""
    return view == page or view.startswith(f"{page}_")


def test_no_view_links_to_its_own_page_by_page_link() -> None:
    links = [(path.stem, page) for path in VIEWS for page in _links(path.read_text(encoding="utf-8"))]
    assert [(view, page) for view, page in links if _is_of(view, page)] == [], "use app.components.parts.here_link"
    assert len(links) > 20, "the check sees the links there are"
