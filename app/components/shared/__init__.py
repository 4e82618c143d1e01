"""What the custom components share: reading their files, and the drawing helpers in this folder's js and css.

A component is a folder with `<name>.html`, `<name>.css`, some js files and a thin Python wrapper. Its js files are
joined, in the order given, behind `dom.js` and `icons.js`; only the last one exports.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

SHARED_FOLDER = Path(__file__).parent
SHARED_SCRIPTS = ("dom.js", "icons.js")


def component_sources(folder: Path, scripts: Sequence[str]) -> dict[str, str]:
    """The html, css and js text of the component in `folder`."""
    files = [SHARED_FOLDER / name for name in SHARED_SCRIPTS] + [folder / name for name in scripts]
    styles = [SHARED_FOLDER / "shared.css", folder / f"{folder.name}.css"]
    return {
        "html": (folder / f"{folder.name}.html").read_text(encoding="utf-8"),
        "css": "\n".join(path.read_text(encoding="utf-8") for path in styles),
        "js": "\n".join(path.read_text(encoding="utf-8") for path in files),
    }


def define_component(folder: Path, scripts: Sequence[str]) -> Callable[..., Any]:
    """Register the component of `folder` under its name; returns the function that mounts it."""
    renderer: Callable[..., Any] = st.components.v2.component(
        f"intentlens_{folder.name}", **component_sources(folder, scripts)
    )
    return renderer
