"""The layers of the package, held by its imports, by what is loaded, and by what is opened while it works."""

from __future__ import annotations

import ast
import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import playlistkit

PACKAGE = Path(__file__).parent.parent / "playlistkit"

ROWS = (
    {
        "model",
        "errors",
        "given",
        "arguments",
        "handmade",
        "names",
        "credits",
        "recordings",
        "figures",
        "facts",
    },
    {"blas", "energy"},
    {"template", "objective", "analysis"},
    {"planner"},
    {"replacing", "ordinary"},
    {"audio", "library", "sources", "exporters", "spotify", "report", "render"},
    {"player"},
    {"workflow"},
    {"web"},
    {"cli"},
    {"__main__"},
)
ROW_OF = {unit: row for row, units in enumerate(ROWS) for unit in units}
DATA = {"templates", "demo"}  # package data, no code

ONLY = {
    "player": {"render", "audio", "energy"},
    "cli": {"workflow"},
    "web": {"workflow"},
}
"""Units that know fewer others than their row allows, beside the first row, which is everyone's."""
EXCEPTIONS = {("cli/open.py", "web")}
"""The command that starts the page."""

INNER = {
    "model": {"array", "html"},
    "errors": set(),
    "given": {"numbers", "operator"},
    "arguments": {"contextlib", "functools", "inspect", "types"},
    "handmade": {"functools", "types"},
    "names": {"functools", "unicodedata"},
    "credits": {"functools", "operator"},
    "figures": set(),
    "facts": {"abc"},
    "recordings": {"functools"},
    "blas": {"contextlib", "functools", "numpy", "threadpoolctl"},
    "energy": {"numpy", "scipy"},
    "template": {"abc", "difflib", "json", "types", "yaml"},
    "objective": {"functools", "numpy", "operator", "unicodedata"},
    "analysis": {"functools", "importlib.resources", "librosa", "numpy", "scipy", "soxr", "statistics", "types"},
    "planner": {"functools", "heapq", "numba", "numpy", "random", "scipy"},
}  # fmt: skip
"""The inner units and what they may import from outside; that holds no file, network, database or clock."""
EVERYWHERE = {
    "__future__",
    "bisect",
    "collections",
    "copy",
    "dataclasses",
    "enum",
    "itertools",
    "math",
    "re",
    "typing",
}

PLANNER = ("problem", "bound", "search", "feasibility", "sessions")
"""The planner's rooms, each of which knows those before it."""

MACHINE_CODE = ("planner/bound/compiled.py", "planner/search/label_code.py")
"""Modules that numba compiles."""
FLOORS = 10
"""The longest chain of imports among their modules."""

TASKS = (
    *("library", "limits", "words", "drawings"),
    *("templates", "scanning", "music", "output", "planning", "playlists", "session", "spotify"),
    *("clients", "aftercare", "demo"),
)
"""The rooms of `workflow`, and the modules before and after them; each knows earlier ones only."""

NAMES_OF_TWO_WORDS = {"last session", "grounding now"}
"""Values of a template and keys of a plan that hold a space."""

OPENING = {"open", "exec", "eval", "compile", "input", "print", "breakpoint", "__import__", "globals", "vars"}
"""Builtins that reach outside, or around the imports."""
OPENING_METHODS = {
    "fromfile",
    "tofile",
    "memmap",
    "loadtxt",
    "genfromtxt",
    "savetxt",
    "save",
    "savez",
    "open_memmap",
}


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def unit_of(path: Path) -> str:
    """The name in the table of layers that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> set[str]:
    """Dotted names of all modules, and names in them, that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the layer"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def units_imported(tree: ast.Module) -> set[str]:
    """The units that a file imports; a public name taken from the package itself is one of its home's."""
    units = set()
    for name in imported(tree):
        first, _, rest = name.partition(".")
        if first == "playlistkit" and rest != "__version__":
            assert rest, "`import playlistkit` hides what is used; import the module"
            named = rest.split(".")[0]
            units.add(playlistkit._HOMES.get(named, named).split(".")[0].split(":")[0])
    return units


def faults_of(name: str, tree: ast.Module) -> list[str]:
    """What a file of the package does that its row forbids."""
    unit = name.split("/")[0].removesuffix(".py")
    faults = []
    for other in sorted(units_imported(tree) - {unit}):
        if ROW_OF.get(other) == 0 or (name, other) in EXCEPTIONS:
            continue
        if ROW_OF.get(other, len(ROWS)) >= ROW_OF[unit] or other not in ONLY.get(unit, ROW_OF):
            faults.append(f"{unit} imports {other}")
    for outside in sorted(imported(tree)):
        dynamic = outside.split(".")[0] in ("importlib", "pkgutil", "runpy", "imp")
        if dynamic and not outside.startswith(("importlib.resources", "importlib.metadata")):
            faults.append(f"{outside} imports what no test sees")
        if unit in INNER and not outside.startswith("playlistkit."):
            allowed = EVERYWHERE | INNER[unit]
            if not any(outside == known or outside.startswith(f"{known}.") for known in allowed):
                faults.append(f"{unit} knows {outside}")
            if outside.split(".")[-1] in OPENING_METHODS:
                faults.append(f"{unit} imports {outside}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in ("__import__", "exec", "eval", "__builtins__"):
            faults.append(f"{node.id} runs what no test sees")
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.modules":
            faults.append("sys.modules holds what no test sees")
        if unit in INNER:
            if isinstance(node, ast.Name) and node.id in OPENING:
                faults.append(f"{unit} calls {node.id}")
            if isinstance(node, ast.Attribute) and node.attr in OPENING_METHODS:
                faults.append(f"{unit} calls .{node.attr}")
    return faults


def sentences_in(tree: ast.Module) -> list[str]:
    """The strings of a module that read like part of a sentence, but for docstrings, errors and a term's own words."""
    passed_over: set[ast.AST] = set()
    within_formatted: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) or (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        ):
            passed_over |= set(ast.walk(node))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("Term", "re.compile"):
            passed_over |= {each for argument in node.args for each in ast.walk(argument)}
        elif isinstance(node, ast.JoinedStr):
            within_formatted |= set(ast.walk(node))
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in passed_over
        if node.value not in NAMES_OF_TWO_WORDS
        and re.search(r"[a-z] | [a-z]" if node in within_formatted else r"[a-z]\W? +[a-z]", node.value, re.IGNORECASE)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "path", [path for path in modules() if unit_of(path) in ("objective", "planner")], ids=name_of
)
def test_the_objective_and_the_planner_make_facts_and_no_sentences(path: Path) -> None:
    """What they find is told by `playlistkit.facts`, where each sentence stands once."""
    if name_of(path) not in MACHINE_CODE:  # whose signatures have spaces too
        assert sentences_in(tree_of(path)) == []


@pytest.mark.parametrize(
    "code",
    ["text = 'it has words'", "f'{title} has no track.'", "f'{minutes:.1f} min'", "words = {'a': 'too short, here'}"],
)  # fmt: skip
def test_a_sentence_in_them_would_be_noticed(code: str) -> None:
    assert sentences_in(ast.parse(code))
    assert not sentences_in(ast.parse(f"raise InputError({code.partition('= ')[2] or code!r})"))


def within_planner(path: Path) -> set[str]:
    """The planner's modules that one of them imports, as "room.module"."""
    names = {
        name.removeprefix("playlistkit.planner.") for name in imported(tree_of(path)) if ".planner." in name
    }
    return {".".join(name.split(".")[:2]) for name in names}


def test_a_room_of_the_planner_knows_earlier_rooms_only() -> None:
    folder = PACKAGE / "planner"
    rooms = {path.name for path in folder.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert rooms == set(PLANNER)
    assert [path.name for path in folder.glob("*.py")] == ["__init__.py"], "every module stands in a room"
    knows = {
        f"{path.parent.name}.{path.stem}": within_planner(path)
        for room in PLANNER
        for path in (folder / room).glob("*.py")
    }
    up = [
        (module, other)
        for module, others in knows.items()
        for other in others
        if PLANNER.index(other.split(".")[0]) > PLANNER.index(module.split(".")[0])
    ]
    assert not up
    floor: dict[str, int] = {}
    while len(floor) < len(knows):  # fails where modules import each other
        ready = {each for each in knows.keys() - floor if knows[each] <= set(floor)}
        assert ready, f"{sorted(knows.keys() - floor)} import each other"
        floor |= {each: 1 + max((floor[other] for other in knows[each]), default=0) for each in ready}
    assert max(floor.values()) <= FLOORS, floor


def test_no_modules_import_each_other_even_for_their_types_or_within_functions() -> None:
    module_of = {
        ".".join(["playlistkit", *path.relative_to(PACKAGE).with_suffix("").parts]).removesuffix(
            ".__init__"
        ): path
        for path in modules()
    }
    knows: dict[str, set[str]] = {}
    for module, path in module_of.items():
        names = imported(tree_of(path))
        known = {name if name in module_of else name.rpartition(".")[0] for name in names}
        knows[module] = known & module_of.keys() - {module}
    while knows:
        last = {module for module, others in knows.items() if not others & knows.keys()}
        assert last, f"among these, some import each other: {sorted(knows)}"
        knows = {module: others for module, others in knows.items() if module not in last}


def test_a_room_of_tasks_knows_earlier_ones_only() -> None:
    folder = PACKAGE / "workflow"
    here = {path.stem for path in folder.iterdir() if path.name not in ("__init__.py", "__pycache__")}
    assert here == set(TASKS)
    up = []
    for path in folder.rglob("*.py"):
        room = path.relative_to(folder).parts[0].removesuffix(".py")
        for name in imported(tree_of(path)):
            other = name.removeprefix("playlistkit.workflow.").split(".")[0]
            if other != name.split(".")[0] and TASKS.index(other) > TASKS.index(room):
                up.append((name_of(path), other))
    assert not up


ROOMS = [
    *(f"planner/{room}" for room in PLANNER),
    *(f"workflow/{room}" for room in TASKS if (PACKAGE / "workflow" / room).is_dir() and room != "spotify"),
]


@pytest.mark.parametrize("room", ROOMS)
def test_the_head_of_a_room_lists_its_modules(room: str) -> None:
    head = ast.get_docstring(tree_of(PACKAGE / room / "__init__.py")) or ""
    listed = {line.split()[0] for line in head.splitlines() if line.startswith("    ")}
    assert listed == {path.stem for path in (PACKAGE / room).glob("*.py")} - {"__init__"}


def test_the_code_that_the_planners_page_names_exists() -> None:
    text = (PACKAGE.parent / "docs" / "planning.md").read_text(encoding="utf-8")
    named = re.findall(rf"\b((?:{'|'.join(PLANNER)})\.[a-z_]+(?:\.\w+)+)", text)
    assert len(named) > 15
    for name in named:
        room, module, *rest = name.split(".")
        found = importlib.import_module(f"playlistkit.planner.{room}.{module}")
        for each in rest:
            found = getattr(found, each)


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_module_knows_earlier_rows_only_and_the_inner_rows_nothing_outside(path: Path) -> None:
    assert unit_of(path) in ROW_OF, f"{path} belongs to no row of the layers"
    assert faults_of(name_of(path), tree_of(path)) == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("objective/weights.py", "open('x')"),
        ("objective/weights.py", "from playlistkit import Library, scan"),
        ("objective/weights.py", "import importlib\nimportlib.import_module('playlistkit.library')"),
        ("objective/weights.py", "from importlib import import_module"),
        ("objective/weights.py", "__import__('playlistkit.library')"),
        ("objective/weights.py", "read = open"),
        ("objective/weights.py", "import playlistkit.planner"),
        ("planner/search/solve.py", "import asyncio"),
        ("planner/search/solve.py", "from time import time"),
        ("planner/search/solve.py", "from numpy import fromfile"),
        ("planner/search/solve.py", "import numpy as np\nnp.fromfile('x')"),
        ("template/keys.py", "from playlistkit.objective import judge"),
        ("library/tracks.py", "from playlistkit import build"),
        ("report/words.py", "import playlistkit as pk"),
        ("report/words.py", "import sys\nsys.modules['playlistkit.library']"),
        ("cli/run.py", "from playlistkit import Library"),
        ("cli/run.py", "from playlistkit.planner import plan"),
        ("web/place.py", "from playlistkit.report.words import clock"),
        ("player/server.py", "from playlistkit.library import Library"),
        ("player/server.py", "from playlistkit import scan"),
    ],
)  # fmt: skip
def test_no_back_door_is_open(name: str, code: str) -> None:
    try:
        faults = faults_of(name, ast.parse(code))
    except AssertionError as error:
        faults = [str(error)]
    assert faults


def test_the_table_of_layers_in_contributing_is_this_one() -> None:
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text[text.index("| row | modules |") :].split("\n\n")[0]
    named = [
        set(row.split("|")[2].replace("`", "").replace(" ", "").split(",")) for row in table.splitlines()[2:]
    ]
    assert named == [set(row) for row in ROWS[:-1]]


LOADED = """
import importlib, json, sys
from pathlib import Path
rows, found = json.loads(sys.argv[1]), []
for number, row in enumerate(rows):
    for unit in row:
        for path in sorted(Path(sys.argv[2]).glob(unit + "/**/*.py")) + [Path(sys.argv[2], unit + ".py")]:
            if path.exists() and path.name != "__init__.py":
                importlib.import_module(".".join(["playlistkit", *path.relative_to(sys.argv[2]).with_suffix("").parts]))
    later = {unit for units in rows[number + 1:] for unit in units}
    found += [(unit, name) for name in sys.modules for unit in row
              if name.startswith("playlistkit.") and name.split(".")[1] in later]
print(json.dumps(found))
"""


def test_no_row_loads_a_later_one() -> None:
    """However it is asked for: what stands in `sys.modules` after each row is loaded says so."""
    rows = [sorted(row) for row in ROWS[:-3]]
    answer = subprocess.run(
        [sys.executable, "-c", LOADED, json.dumps(rows), str(PACKAGE)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(answer.stdout) == []


PLANNED = """
import sys
sys.path.insert(0, sys.argv[1])
import made_music
from playlistkit import planner, template
from playlistkit.model import Session
text = open(sys.argv[2], encoding="utf-8").read()
def whole():
    arc = template.parse(text, "phases.yaml")
    music = made_music.following(arc, times=2)
    plan = planner.plan(Session(arc), music, effort="quick")
    template.dump(plan.template)
whole()  # what is loaded when it is first needed is loaded now
seen = []
sys.addaudithook(lambda event, args: seen.append((event, str(args)[:80])) if event.split(".")[0] in OUTSIDE else None)
OUTSIDE = {"open", "os", "socket", "subprocess", "sqlite3", "import", "exec", "compile", "shutil", "glob", "urllib", "http"}
whole()
print(*seen, sep="\\n")
"""


def test_reading_a_template_and_planning_open_nothing() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", PLANNED, str(Path(__file__).parent), str(PACKAGE.parent / "phases.yaml")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert answer.stdout.strip() == ""


def test_every_folder_of_the_package_is_code_of_a_row_or_data() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders <= set(ROW_OF) | DATA
