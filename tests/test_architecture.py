"""The layers of the package, held by its imports."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "playlistkit"

ROWS = (
    {"model", "errors", "names", "credits", "recordings"},
    {"template", "objective", "analysis"},
    {"planner"},
    {"audio", "library", "sources", "exporters", "spotify", "report", "render"},
    {"workflow"},
    {"web"},
    {"cli"},
    {"__main__"},
)
ROW_OF = {unit: row for row, units in enumerate(ROWS) for unit in units}
DATA = {"templates", "demo"}  # package data, no code

ROWS_WITHOUT_OUTSIDE = {"template", "objective", "analysis", "planner"}
OUTSIDE = {
    "click", "http", "io", "mutagen", "os", "pathlib", "requests", "rich", "shutil", "socket", "spotipy",
    "sqlite3", "subprocess", "tempfile", "time", "datetime", "urllib",
}  # fmt: skip


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def unit_of(path: Path) -> str:
    """The name in the table of layers that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Dotted names of all modules that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the layer"
            module = node.module or ""
            names |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return names


def units_imported(path: Path) -> set[str]:
    return {
        name.split(".")[1]
        for name in imported(path)
        if name.startswith("playlistkit.") and name.split(".")[1] in ROW_OF
    }


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_to_earlier_rows_only(path: Path) -> None:
    unit = unit_of(path)
    assert unit in ROW_OF, f"{path} belongs to no row of the layers"
    for other in units_imported(path) - {unit}:
        if ROW_OF[other] > 0:
            assert ROW_OF[other] < ROW_OF[unit], f"{unit} (row {ROW_OF[unit] + 1}) imports {other}"


@pytest.mark.parametrize(
    "path",
    [path for path in modules() if unit_of(path) in ROWS_WITHOUT_OUTSIDE],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_the_inner_rows_know_no_file_clock_or_network(path: Path) -> None:
    assert not {name.split(".")[0] for name in imported(path)} & OUTSIDE


def test_the_model_needs_only_the_standard_library() -> None:
    import sys

    for unit in ROWS[0]:
        for name in imported(PACKAGE / f"{unit}.py"):
            root, _, rest = name.partition(".")
            assert root in sys.stdlib_module_names or rest.split(".")[0] in ROWS[0] | {""}


def test_both_faces_go_through_workflow() -> None:
    for path in modules():
        if unit_of(path) in ("cli", "web"):
            starts_the_page = {"web"} if path.name == "open.py" else set()
            allowed = {unit_of(path), "workflow", "model", "errors"} | starts_the_page
            assert units_imported(path) <= allowed, path


def test_every_folder_of_the_package_is_code_of_a_row_or_data() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders <= set(ROW_OF) | DATA
