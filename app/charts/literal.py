"""Names that people or trackers gave, as figures show them."""

from html import escape

NAMES = {"type": "category"}
"""For an axis of names: left to itself, plotly reads "2026" and "007" as numbers and sets them on a scale."""


def literal(name: object) -> str:
    """A name letter by letter: plotly reads tags in it (bold, links, line breaks) and `%{}` where it is a template."""
    return escape(str(name), quote=False).replace("%{", "%&#123;")
