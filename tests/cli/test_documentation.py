"""The command line as it is documented."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
from pathlib import Path

import click
import pytest

from playlistkit.cli import main
from playlistkit.model import FEATURE_NAMES
from playlistkit.workflow.output.export import SUFFIXES, export
from playlistkit.workflow.output.formats import FORMATS

ROOT = Path(__file__).parents[2]

spec = importlib.util.spec_from_file_location("command_line", ROOT / "docs" / "command_line.py")
assert spec is not None
assert spec.loader is not None
command_line = importlib.util.module_from_spec(spec)
spec.loader.exec_module(command_line)

COMMANDS = dict(command_line.commands(click.Context(main, info_name="playlistkit")))


def test_the_page_of_commands_is_what_the_commands_say() -> None:
    page = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    assert page == command_line.page(), "run: python docs/command_line.py"


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_and_option_says_what_it_does(path: str) -> None:
    command = COMMANDS[path].command
    assert command.help, path
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{path} {parameter.name}"


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_shows_an_example(path: str) -> None:
    assert "Example:" in (COMMANDS[path].command.epilog or ""), f"{path}: give it an epilog with an Example:"


def test_the_readme_names_every_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in main.commands:
        assert f"`{name}" in readme, f"give {name} its row in README's table"


@pytest.mark.skipif(os.name == "nt", reason="the block is for a POSIX shell")
def test_the_way_to_type_the_command_alone_works_as_it_is_written() -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    activate = next(each for each in blocks if "activate" in each)
    if not (ROOT / ".venv" / "bin" / "activate").exists():
        pytest.skip("README's first command was not run in this folder")
    done = subprocess.run(["sh", "-euc", activate], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("playlistkit")


def test_every_format_is_offered_on_the_page_and_named_wherever_formats_are_listed() -> None:
    assert {each.suffix for each in FORMATS} == set(SUFFIXES), (
        "give it an entry in workflow/output/formats.py"
    )
    places = {
        "docs/formats.md": (ROOT / "docs" / "formats.md").read_text(encoding="utf-8"),
        "the help of -o in cli/outputs.py": str(
            next(each for each in main.commands["build"].params if each.name == "outputs").to_info_dict()
        ),
        "the docstring of workflow/output/export.py": export.__doc__ or "",
    }
    for place, text in places.items():
        for suffix in SUFFIXES:
            assert re.search(rf"{re.escape(suffix)}\b", text), f"{suffix} is missing in {place}"


def test_every_feature_has_its_row_in_the_page_of_features() -> None:
    page = (ROOT / "docs" / "features.md").read_text(encoding="utf-8")
    table = page[page.index("| feature |") :].partition("\n\n")[0]
    first = (line.split("|")[1] for line in table.splitlines())
    told = {name.strip() for names in first for name in names.split(",")}
    assert set(FEATURE_NAMES) - told == set(), "give each its row in docs/features.md"
