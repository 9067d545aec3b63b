"""The package as a programmer meets it."""

from __future__ import annotations

import ast
import copy
import pickle
import re
import subprocess
import sys
from pathlib import Path

import playlistkit as pk
from playlistkit.model import Plan

ROOT = Path(__file__).parent.parent
HEAVY = ("av", "librosa", "matplotlib", "numba", "numpy", "scipy", "spotipy")


def modules_after(code: str) -> set[str]:
    """The names of all modules that a fresh interpreter has loaded after running `code`."""
    program = f"import sys\n{code}\nprint(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert not modules_after("import playlistkit") & set(HEAVY)


def test_asking_for_help_loads_nothing_heavy() -> None:
    code = (
        "import contextlib, io\nfrom playlistkit.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit): main(['--help'])"
    )
    assert not modules_after(code) & set(HEAVY)


def test_every_public_name_is_there_and_documented() -> None:
    assert set(pk.__all__) == set(pk._HOMES)
    for name in pk.__all__:
        assert getattr(pk, name).__doc__, name


def test_tab_completion_offers_the_public_names_alone() -> None:
    assert {name for name in dir(pk) if not name.startswith("_")} == set(pk.__all__)
    assert pk.__version__


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(pk, "playlistt")


def test_the_type_checker_sees_the_names_that_are_loaded_lazily() -> None:
    tree = ast.parse(Path(pk.__file__).read_text(encoding="utf-8"))
    guarded = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.asname or alias.name
        for node in guarded.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == set(pk.__all__)


def test_no_public_name_is_hidden_by_a_module_of_the_same_name() -> None:
    modules = {path.name.removesuffix(".py") for path in Path(pk.__file__).parent.iterdir()}
    assert not modules & set(pk.__all__)


def test_errors_cross_processes_whole() -> None:
    shortfalls = (pk.Shortfall("peak", 3.0, "energy", "peak lacks 3 min"),)
    lacking = pickle.loads(pickle.dumps(pk.ShortfallError(shortfalls)))
    assert (lacking.shortfalls, lacking.diagnosis, str(lacking)) == (shortfalls, None, "peak lacks 3 min")
    assert pickle.loads(pickle.dumps(pk.TemplateError("one", "two"))).faults == ("one", "two")


def test_a_plan_can_be_pickled_and_copied(three_hours: Plan) -> None:
    assert pickle.loads(pickle.dumps(three_hours)) == three_hours
    assert copy.deepcopy(three_hours) == three_hours


def test_every_error_is_one_of_ours() -> None:
    errors = [getattr(pk, name) for name in pk.__all__ if name.endswith("Error")]
    assert errors
    assert all(issubclass(each, pk.PlaylistkitError) for each in errors)


def test_the_documents_use_public_names_alone() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "examples").glob("*.py")]
    used: set[str] = set()
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for code in [text] if page.suffix == ".py" else re.findall(r"```python\n(.*?)```", text, re.DOTALL):
            used |= set(re.findall(r"\bpk\.(\w+)", code)) - {"__file__"}
            assert not re.search(r"^\s*from playlistkit|import playlistkit\.", code, re.MULTILINE), page.name
    assert {"build", "parse_template", "plan"} <= used <= set(pk.__all__)


def test_every_link_between_the_documents_leads_to_a_page_and_a_heading() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    dead = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in pages
        for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
        if not re.match(r"[a-z]+:", link) and not leads_somewhere(page, link)
    ]
    assert dead == []


def leads_somewhere(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    return target.exists() and (not anchor or anchor in anchors(target.read_text(encoding="utf-8")))


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    without_code = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.*)", without_code, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def test_every_document_that_the_code_names_exists() -> None:
    sources = [
        path for folder in ("playlistkit", "benchmarks", "tests") for path in (ROOT / folder).rglob("*.py")
    ]
    named = {
        name
        for path in sources
        for name in re.findall(r"\bdocs/[\w-]+\.md", path.read_text(encoding="utf-8"))
    }
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_what_the_benchmarks_and_examples_import_of_the_package_is_there() -> None:
    lost = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.module} has no {each.name}"
        for folder in ("benchmarks", "examples")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "playlistkit"
        for each in node.names
        if each.name not in names_in(node.module or "")
    ]
    assert lost == []


def names_in(module: str) -> set[str]:
    """What can be imported from a module, by its text: nothing heavy is loaded for it."""
    folder = ROOT.joinpath(*module.split("."))
    inside = {path.stem for path in folder.glob("*.py")}
    inside |= {path.parent.name for path in folder.glob("*/__init__.py")}
    file = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    if file.exists():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                inside.add(node.name)
            elif isinstance(node, ast.alias):
                inside.add(node.asname or node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                inside.add(node.id)
    return inside
