"""Small faults in a source file, made by cosmic-ray's operators: what `mutants.py` runs the tests on."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator, operator_names

__all__ = ["Mutant", "Place", "mutant_at", "places_of"]

ALIKE = (
    {"Add", "Sub", "Mul", "Div"},
    {"FloorDiv", "Mod", "Pow", "Mul"},
    {"BitAnd", "BitOr", "BitXor"},
    {"Eq", "NotEq", "Lt", "LtE", "Gt", "GtE"},
    {"Is", "IsNot"},
    {"In", "NotIn"},
    {"USub", "UAdd", "Nothing"},
    {"Not", "Nothing"},
)
"""Operators that may stand for one another; any other exchange would be an error of types, which any test notices."""

LEFT_OUT = ("RemoveDecorator", "VariableReplacer", "VariableInserter", "NoOp", "ExceptionReplacer")


@dataclass(frozen=True, slots=True)
class Place:
    """Where one kind of fault can be made."""

    path: Path
    line: int
    kind: str
    """What the operators that can make it share: `ReplaceBinaryOperator_Add`, `NumberReplacer`."""
    occurrence: int
    """The how manieth place of its kind in the file it is."""
    choices: int
    """How many faults an operator of the kind can make here."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A file with one fault."""

    path: Path
    line: int
    what: str
    """The changed line before and after."""
    text: str
    """The whole file, changed."""


@cache
def _operators() -> dict[str, tuple[type[Operator], ...]]:
    """The operators of each kind."""
    kinds: dict[str, list[type[Operator]]] = {}
    for name in operator_names():
        kind, _, change = name.partition("/")[2].partition("_")
        old, _, new = change.partition("_")
        if kind in LEFT_OUT or not get_operator(name).examples():
            continue
        if new and not any({old, new.removeprefix("Delete")} <= group for group in ALIKE):
            continue
        kinds.setdefault(f"{kind}_{old}" if new else name.partition("/")[2], []).append(get_operator(name))
    return {kind: tuple(each) for kind, each in sorted(kinds.items())}


def places_of(path: Path) -> Iterator[Place]:
    """All places of a file where a fault can be made."""
    nodes = list(ast_nodes(get_ast(path.read_text(encoding="utf-8"))))
    for kind, operators in _operators().items():
        first, occurrence = operators[0](), 0
        for node in nodes:
            spans = list(first.mutation_positions(node))
            if spans:
                yield Place(path, spans[0][0][0], kind, occurrence, len(spans))
                occurrence += len(spans)


def mutant_at(place: Place, rng: random.Random) -> Mutant | None:
    """A fault at a place; `None` if that changes nothing that runs: annotations, decorators, docstrings."""
    text = place.path.read_text(encoding="utf-8")
    operator = rng.choice(_operators()[place.kind])()
    changed = mutate_code(text, operator, place.occurrence + rng.randrange(place.choices))
    if changed is None:
        return None
    try:
        if _running(changed) == _running(text):
            return None
    except SyntaxError:
        return None
    old, new = text.splitlines(), changed.splitlines()
    differing = [k for k, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]]
    if not differing:
        return None
    line = differing[0]
    return Mutant(place.path, line + 1, f"{_plain(old[line])} => {_plain(new[line])}", changed)


def _plain(line: str) -> str:
    return re.sub(r"\s+", " ", line.strip())


def _running(text: str) -> str:
    """The syntax tree of what runs."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            node.decorator_list = []
        if isinstance(node, ast.arg):
            node.annotation = None
        if isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
    return ast.dump(tree)
