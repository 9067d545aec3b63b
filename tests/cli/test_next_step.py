"""Every "no" at the terminal ends with what to do next."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import playlistkit
from playlistkit.errors import InputError, ShortfallError
from playlistkit.library import Library
from playlistkit.workflow.music.overruling import parse_value
from playlistkit.workflow.planning.build import build

PACKAGE = Path(playlistkit.__file__).parent
REFUSALS = {"InputError", "UsageError", "fail"}
STEPS = (
    "`", "--", "-o ", "; give ", ": give ", "; choose ", "choose ", "; name ", "name a", "take ", "add ", "did you mean",
    "; there is ", "there are ", "; there {", "{hint}", "{there}", "plan it again", "then plan", "open it", " is one", "must be at least", "it is one of", "is one of ", "; it has ", "it has ", "the plan has ", "is it running?",
    "is playlistkit there?", "start some", "install the same", "pip install", "make it first", "plug in", "load the page",
    "correct the text", "change the text", "save the template", "save the file", "should be", "such as", "answer with", "swap them", "scan",
    "could mean", "comes first", "but {error}", "; answer it", "; go to",
)  # fmt: skip
"""How a next step is told: a command, an option, a verb to follow, or the words that may stand there."""

NOTHING_TO_DO = (
    "Stopped. What was finished is kept.", "Nothing was written.", "Nothing was done.", "the sign-in was denied",
    "can't be read: {", "can't be written", "is kept as it was played", "the record holds no plan", "is not a session record",
    "is not a line of a session record", "there is nothing more to undo", "can't be removed; a protocol", "moved any further",
    "nothing that was planned has played yet", "no such format is known", "has no file on this machine to play", "the phases are not a list",
    "nothing was deleted",
)  # fmt: skip
"""The system's own word on a file is told as it is; on the page nothing else is offered; or all has been said."""


def words_of(node: ast.expr) -> str | None:
    """A sentence with its values as their expressions; `None` where it is made elsewhere."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        parts = (v.value if isinstance(v, ast.Constant) else f"{{{ast.unparse(v)[1:]}" for v in node.values)
        return "".join(map(str, parts))
    return None


def refusals() -> Iterator[tuple[str, str]]:
    for path in sorted((*(PACKAGE / "cli").glob("*.py"), *(PACKAGE / "workflow").rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and ast.unparse(node.func).split(".")[-1] in REFUSALS:
                words = words_of(node.args[0])
                if words is not None:
                    yield f"{path.relative_to(PACKAGE)}:{node.lineno}", words


FOUND = list(refusals())


def test_there_are_refusals_to_look_at() -> None:
    assert len(FOUND) > 60


@pytest.mark.parametrize(("where", "words"), FOUND, ids=[where for where, _ in FOUND])
def test_a_refusal_says_what_to_do_next(where: str, words: str) -> None:
    if not any(said in words for said in NOTHING_TO_DO):
        assert any(step in words.replace("{", "{ ") or step in words for step in STEPS), f"{where}: {words}"


def options_named() -> Iterator[tuple[str, str]]:
    """Options of the command line, outside a command in backticks, in what is said where Python is a face too."""
    rooms = (
        "facts",
        "objective",
        "planner",
        "library",
        "sources",
        "exporters",
        "render",
        "report",
        "spotify",
        "workflow",
    )
    for path in sorted(path for room in rooms for path in (PACKAGE / room).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                for option in re.findall(r"(?<![\w(-])--[a-z]+", re.sub(r"`[^`]*`", "", node.value)):
                    yield f"{path.relative_to(PACKAGE)}:{node.lineno}", option


def test_a_sentence_that_a_programmer_may_see_tells_nobody_to_use_an_option() -> None:
    assert list(options_named()) == []


def test_an_empty_library_is_told_in_one_sentence(tmp_path: Path) -> None:
    with Library(tmp_path / "music.db") as library, pytest.raises(ShortfallError) as refused:
        build("phases", library)
    assert (
        str(refused.value) == "The library is empty; scan a folder of music first: playlistkit scan FOLDER."
    )


def test_a_client_of_nearly_that_name_is_asked_for_before_anything_is_written(tmp_path: Path) -> None:
    with Library(tmp_path / "music.db") as library:
        library.clients.remember("heron", [])
        with pytest.raises(InputError, match="there is a client 'heron'; write it like that"):
            build("phases", library, client="Heron")


def test_what_people_call_a_feature_leads_to_its_name() -> None:
    with pytest.raises(InputError, match="did you mean 'vocals'"):
        parse_value("voice", "none")
