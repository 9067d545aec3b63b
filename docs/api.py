"""Writes docs/api.md from the docstrings of the public names: `python docs/api.py`."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import playlistkit as pk

PAGE = Path(__file__).with_name("api.md")

HEAD = """\
# The library, from Python

```python
import playlistkit as pk
```

Everything here is public: it stays as it is, or a changelog line says how it changes. Importing the package costs next
to nothing; each name is loaded when it is first used. Times are float seconds, tempo is BPM, loudness LUFS, energy 0 to
1, and `None` means not known. Every error is a `PlaylistkitError` whose message is a sentence for a person.

NumPy's numbers and arrays, lists and generators are taken where numbers and lists are asked for. The examples run in
a folder with `Music`, `music.db`, `mine.yaml` (a template of eleven minutes), `session.json` and `session.m3u8`.

This page is written by `python docs/api.py`; a test holds it to the docstrings and runs its examples.
"""

CHAPTERS: dict[str, tuple[str, ...]] = {
    "Listening": ("scan", "analyze", "import_tables"),
    "The library": ("Library",),
    "Templates": ("load_template", "parse_template", "vary"),
    "Planning": ("build", "session", "plan"),
    "While a session runs, and by hand": ("prepare", "replan", "alternatives", "swapped", "around"),
    "Checking": ("check",),
    "Writing and playing": (
        "export",
        "load_plan",
        "arc_text",
        "arc_figure",
        "render_session",
        "preview_joins",
        "push",
    ),
}
"""The functions and classes with a life of their own; values and errors follow by themselves."""


def page() -> str:
    """The whole page."""
    told = {name for names in CHAPTERS.values() for name in names}
    rest = [name for name in pk.__all__ if name not in told]
    errors = [name for name in rest if name.endswith("Error")]
    values = [name for name in rest if name not in errors]
    parts = [HEAD, contents(values, errors)]
    for title, names in CHAPTERS.items():
        parts += [f"## {title}\n", *(part for name in names for part in described(name))]
    parts += ["## Values\n", *(part for name in values for part in described(name))]
    parts += ["## Errors\n", *(part for name in errors for part in described(name))]
    return "\n".join(parts)


def contents(values: list[str], errors: list[str]) -> str:
    """A list of all names."""
    chapters = {**CHAPTERS, "Values": values, "Errors": errors}
    lines = [
        f"* {title}: " + ", ".join(f"[`{name}`](#{name.lower()})" for name in names)
        for title, names in chapters.items()
    ]
    return "\n".join(lines) + "\n"


def described(name: str) -> Iterator[str]:
    """The part of one public name."""
    value = getattr(pk, name)
    yield f"### {name}\n"
    if inspect.isfunction(value):
        yield signature(name, value)
        yield prose(value.__doc__ or "")
    elif issubclass(value, Exception):
        yield prose(value.__doc__ or "")
    elif dataclasses.is_dataclass(value) or name == "Choices":
        yield prose(value.__doc__ or "")
        yield fields(value)
        yield from methods(name, value)
    else:
        yield prose(value.__doc__ or "")
        yield from methods(name, value)


def signature(name: str, function: Any) -> str:
    """How it is called, a line for each argument where they don't fit into one."""
    spec = inspect.signature(function)
    parameters = [
        each.replace(
            annotation=each.empty,
            default=Ellipsis if callable(each.default) and each.default is not each.empty else each.default,
        )
        for each in spec.parameters.values()
    ]
    if parameters and parameters[0].name == "self":
        parameters = parameters[1:]
    short = str(spec.replace(parameters=parameters, return_annotation=spec.empty)).replace("Ellipsis", "...")
    given = "" if spec.return_annotation in (spec.empty, "None") else f" -> {spec.return_annotation}"
    line = f"{name}{short}{given}"
    if len(line) > 100:
        line = (
            f"{name}(\n"
            + textwrap.fill(short[1:-1], 96, initial_indent="    ", subsequent_indent="    ")
            + f"\n){given}"
        )
    return f"```python\n{line}\n```\n"


def methods(name: str, value: type) -> Iterator[str]:
    """The public methods and properties that a class defines or takes from a class of ours."""
    for method, kind in sorted(inspect.getmembers(value), key=lambda each: each[0]):
        if method.startswith("_") or not hasattr(value, method) or not getattr(kind, "__doc__", None):
            continue
        if isinstance(kind, property):
            yield f"#### {name}.{method}\n"
            yield prose(kind.__doc__ or "")
        elif inspect.isfunction(kind) or inspect.ismethod(kind):
            yield f"#### {name}.{method}\n"
            yield signature(f"{name}.{method}", kind)
            yield prose(kind.__doc__ or "")


def fields(value: type) -> str:
    """The fields of a value type: type, default and what it says below each in the source."""
    said = attribute_docs(value)
    rows = ["| field | type | default | |", "| --- | --- | --- | --- |"]
    if dataclasses.is_dataclass(value):
        rows += [
            f"| `{field.name}` | {cell(plain_type(str(field.type)))} | {default(field)} | {inline(said.get(field.name, ''))} |"
            for field in dataclasses.fields(value)
        ]
    else:  # today's choices
        for choice, annotation in inspect.signature(pk.build).parameters.items():
            if choice in value.__annotations__:
                says = re.search(
                    rf"^    {choice} : .*?\n((?:        .*\n)+)", pk.build.__doc__ or "", re.MULTILINE
                )
                text = inline(says[1] if says else "")
                rows.append(
                    f"| `{choice}` | {cell(str(annotation.annotation))} | `{annotation.default!r}` | {text} |"
                )
    return "\n".join(rows) + "\n"


def default(field: dataclasses.Field[Any]) -> str:
    """A field's default, as one writes it."""
    if field.default is not dataclasses.MISSING:
        text = repr(field.default)
        return f"`{text}`" if len(text) < 60 else f"`{type(field.default).__name__}()`"
    return "" if field.default_factory is dataclasses.MISSING else "`{}`"


def plain_type(text: str) -> str:
    """An annotation without what is annotated."""
    tree = ast.parse(text, mode="eval").body
    if (
        isinstance(tree, ast.Subscript)
        and ast.unparse(tree.value) == "Annotated"
        and isinstance(tree.slice, ast.Tuple)
    ):
        return ast.unparse(tree.slice.elts[0])
    return text


def cell(annotation: str) -> str:
    """A type in a table."""
    short = re.sub(r"\b(?:playlistkit|typing|collections)(?:\.\w+)*\.(?=\w)", "", annotation)
    short = re.sub(r"<class '([\w.]+)'>", r"\1", short)
    return "`" + short.replace("|", "\\|") + "`"


def attribute_docs(value: type) -> dict[str, str]:
    """The strings that stand below the fields of a class."""
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(value))).body
    assert isinstance(node, ast.ClassDef)
    found, name = {}, ""
    for line in node.body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            name = line.target.id
        elif isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) and name:
            found[name] = str(line.value.value)
            name = ""
        else:
            name = ""
    return found


def inline(text: str) -> str:
    """A text in one cell of a table."""
    return " ".join(text.split()).replace("|", "\\|").replace("``", "`")


def prose(docstring: str) -> str:
    """A numpydoc docstring as Markdown."""
    lines = inspect.cleandoc(docstring).split("\n")
    written: list[str] = []
    section = ""
    k = 0
    while k < len(lines):
        if k + 1 < len(lines) and re.fullmatch(r"-{3,}", lines[k + 1]):
            section = lines[k]
            written += ["", f"**{section}**", ""]
            k += 2
            continue
        line = lines[k]
        if section == "Examples":
            code = lines[k:]
            written += [
                "```pycon",
                *[re.sub(r"\s+# doctest:.*", "", each) for each in code if each.strip()],
                "```",
            ]
            break
        if section in ("Parameters", "Attributes", "Returns", "Raises"):
            if line and not line.startswith(" "):
                name, colon, form = line.partition(" : ")
                said = []
                while k + 1 < len(lines) and (
                    lines[k + 1].startswith(" ")
                    or (not lines[k + 1] and k + 2 < len(lines) and lines[k + 2].startswith(" "))
                ):
                    k += 1
                    said.append(lines[k].strip())
                head = f"`{name}`" + (f" ({form})" if colon else "")
                text = " ".join(each for each in said if each)
                written.append(f"* {head}: {text}" if text else f"* {head}")
        else:
            written.append(line)
        k += 1
    text = re.sub("(?<!`)``(?!`)", "`", "\n".join(written))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
