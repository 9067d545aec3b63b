"""The reference of the library: whole, as the docstrings say, and true when it is run."""

from __future__ import annotations

import dataclasses
import doctest
import importlib.util
import inspect
import shutil
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest

import playlistkit as pk
from playlistkit.workflow.demo import Demo

ROOT = Path(__file__).parent.parent

spec = importlib.util.spec_from_file_location("api", ROOT / "docs" / "api.py")
assert spec is not None
assert spec.loader is not None
api = importlib.util.module_from_spec(spec)
spec.loader.exec_module(api)

FUNCTIONS = [name for name in pk.__all__ if inspect.isfunction(getattr(pk, name))]
OUTSIDE = {"push"}  # its example needs an account


def test_the_page_is_what_the_docstrings_say() -> None:
    assert (ROOT / "docs" / "api.md").read_text(encoding="utf-8") == api.page(), "run: python docs/api.py"


def test_every_public_name_has_its_part() -> None:
    page = api.page()
    assert [name for name in pk.__all__ if page.count(f"\n### {name}\n") != 1] == []
    assert {name for names in api.CHAPTERS.values() for name in names} <= set(pk.__all__)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_public_function_names_its_parameters_and_shows_an_example(name: str) -> None:
    function = getattr(pk, name)
    text = function.__doc__ or ""
    parts = text.split("Parameters\n")
    assert len(parts) == 2, "no Parameters"
    named = parts[1].split("Returns\n")[0].split("Raises\n")[0]
    for parameter in inspect.signature(function).parameters:
        assert parameter in named, parameter
    assert "Examples\n" in text
    assert f"pk.{name}(" in text


@pytest.fixture(scope="module")
def place(demo_made: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the examples have it."""
    folder = tmp_path_factory.mktemp("examples")
    made = demo_made.files[0].parent
    shutil.copytree(made / "music", folder / "Music")
    shutil.copy(made / "library.db", folder / "music.db")
    shutil.copy(made / "session.json", folder / "session.json")
    begin, *_ = (made / "session.m3u8").read_text(encoding="utf-8").partition("# onset")  # two tracks do
    (folder / "session.m3u8").write_text(begin, encoding="utf-8")
    shutil.copy(ROOT / "playlistkit" / "demo" / "demo.yaml", folder / "mine.yaml")
    shutil.copy(
        min((made / "music").glob("*.opus"), key=lambda each: each.stat().st_size), folder / "one.opus"
    )
    return folder


def examples() -> Iterator[doctest.DocTest]:
    finder = doctest.DocTestFinder(recurse=True, exclude_empty=True)
    for name in pk.__all__:
        for found in finder.find(getattr(pk, name), name, module=False, globs={"pk": pk}):  # type: ignore[arg-type]
            if found.examples:
                yield found


@pytest.mark.parametrize("example", list(examples()), ids=lambda each: each.name)
def test_every_example_runs(example: doctest.DocTest, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    said: list[str] = []
    example.globs = {"pk": pk}
    result = doctest.DocTestRunner(optionflags=flags).run(example, out=said.append)
    assert result.failed == 0, "".join(said)
    if example.name not in OUTSIDE:
        assert result.attempted > 0


def types_in(annotation: object) -> Iterator[type]:
    """The classes of ours in an annotation."""
    if isinstance(annotation, type) and annotation.__module__.startswith("playlistkit"):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from types_in(inner)


def hints(value: object) -> dict[str, object]:
    try:
        return typing.get_type_hints(value)
    except NameError:  # for the type checker alone
        return {}


@pytest.mark.parametrize(
    "name", [*FUNCTIONS, *(n for n in pk.__all__ if dataclasses.is_dataclass(getattr(pk, n)))]
)
def test_every_type_that_a_public_name_takes_or_gives_is_public(name: str) -> None:
    public = {getattr(pk, each) for each in pk.__all__}
    found = {kind for hint in hints(getattr(pk, name)).values() for kind in types_in(hint)}
    assert {kind.__name__ for kind in found - public} <= {"Client", "Pushed"}, "give it a public name"
