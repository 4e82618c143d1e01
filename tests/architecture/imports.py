"""Reads the imports of the source tree without running it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE_FOLDERS = ("core", "app", "pages")


@dataclass(frozen=True)
class Import:
    """One import statement: who imports what, and whether it runs when the module is loaded."""

    importer: str
    imported: str
    line: int
    at_load: bool


def module_name(path: Path) -> str:
    """`core/store/warehouse.py` → `core.store.warehouse`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def source_files() -> list[Path]:
    return sorted(path for folder in SOURCE_FOLDERS for path in (ROOT / folder).rglob("*.py"))


def imports_of(path: Path) -> Iterator[Import]:
    """Every import of a file; those under TYPE_CHECKING or inside a function do not run at load."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    lazy = {id(inner) for node in ast.walk(tree) if _is_lazy(node) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        for name in _imported_names(node):
            yield Import(module_name(path), name, getattr(node, "lineno", 0), id(node) not in lazy)


def all_imports() -> list[Import]:
    return [found for path in source_files() for found in imports_of(path)]


def _is_lazy(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.unparse(node.test)
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)


def _imported_names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []
