"""The house's import rules, held by reading the source."""

import pytest

from tests.architecture.imports import ROOT, Import, all_imports, module_name, source_files

CORE_ORDER = (
    "errors",
    "files",
    "clock",
    "settings",
    "events",
    "importers",
    "store",
    "collect",
    "intents",
    "weak",
    "active",
    "model",
    "training",
    "evaluation",
    "registry",
    "jobs",
    "projection",
    "learning",
    "realtime",
    "webhooks",
    "explain",
)
LAYERS = {"core": 0, "app": 1, "pages": 2}
HEAVY = ("torch", "transformers", "captum", "sklearn", "accelerate")
HEAVY_AT_LOAD = ("core.model", "core.training", "core.evaluation", "core.explain")
"""The only packages whose modules may load the heavy libraries when they are imported."""

IMPORTS = all_imports()


def _describe(found: Import) -> str:
    return f"{found.importer}:{found.line} imports {found.imported}"


def _is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def test_imports_go_from_pages_to_app_to_core() -> None:
    upward = [
        _describe(found)
        for found in IMPORTS
        if (layer := LAYERS.get(found.imported.split(".")[0])) is not None
        and layer > LAYERS[found.importer.split(".")[0]]
    ]
    assert upward == []


def test_pages_do_not_import_pages() -> None:
    assert [_describe(f) for f in IMPORTS if _is_within(f.importer, "pages") and _is_within(f.imported, "pages")] == []


def test_core_packages_import_downward_in_the_agreed_order() -> None:
    upward = []
    for found in IMPORTS:
        if not (_is_within(found.importer, "core") and found.imported.startswith("core.")):
            continue
        importer, imported = (name.split(".")[1] for name in (found.importer + ".", found.imported))
        if importer and CORE_ORDER.index(imported) > CORE_ORDER.index(importer):
            upward.append(_describe(found))
    assert upward == []


def test_core_never_imports_streamlit_or_plotly() -> None:
    assert [
        _describe(found)
        for found in IMPORTS
        if _is_within(found.importer, "core") and found.imported.split(".")[0] in {"streamlit", "plotly"}
    ] == []


def test_charts_and_api_never_import_streamlit() -> None:
    assert [
        _describe(found)
        for found in IMPORTS
        if (_is_within(found.importer, "app.charts") or _is_within(found.importer, "app.api"))
        and found.imported.split(".")[0] == "streamlit"
    ] == []


def test_model_training_and_evaluation_never_import_the_store() -> None:
    assert [
        _describe(found)
        for found in IMPORTS
        if any(_is_within(found.importer, f"core.{name}") for name in ("model", "training", "evaluation"))
        and _is_within(found.imported, "core.store")
    ] == []


def test_heavy_libraries_load_only_in_the_named_packages() -> None:
    offenders = [
        _describe(found)
        for found in IMPORTS
        if found.at_load
        and found.imported.split(".")[0] in HEAVY
        and not any(_is_within(found.importer, package) for package in HEAVY_AT_LOAD)
    ]
    assert offenders == []


def test_nothing_outside_the_heavy_packages_loads_them_when_imported() -> None:
    offenders = [
        _describe(found)
        for found in IMPORTS
        if found.at_load
        and any(_is_within(found.imported, package) for package in HEAVY_AT_LOAD)
        and not any(_is_within(found.importer, package) for package in HEAVY_AT_LOAD)
    ]
    assert offenders == []


def test_there_is_no_import_cycle() -> None:
    modules = {module_name(path) for path in source_files()}
    graph: dict[str, set[str]] = {name: set() for name in modules}
    for found in IMPORTS:
        target = found.imported if found.imported in modules else found.imported.rpartition(".")[0]
        if found.at_load and target in modules and target != found.importer:
            graph[found.importer].add(target)
    assert _find_cycle(graph) is None


def _find_cycle(graph: dict[str, set[str]]) -> list[str] | None:
    finished: set[str] = set()

    def visit(node: str, path: list[str]) -> list[str] | None:
        if node in path:
            return [*path[path.index(node) :], node]
        if node in finished:
            return None
        for target in sorted(graph[node]):
            if cycle := visit(target, [*path, node]):
                return cycle
        finished.add(node)
        return None

    return next((cycle for node in sorted(graph) if (cycle := visit(node, []))), None)


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=lambda path: path.stem)
def test_a_page_is_thin_and_holds_no_sql(path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 80
    assert not any(word in text for word in ("SELECT ", "select ", "import torch", "import plotly", "graph_objects"))
