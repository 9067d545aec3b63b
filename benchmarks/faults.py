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

SPEED_ALONE = (
    ("objective/terms/energy.py", "CACHED_CELLS"), ("objective/terms/__init__.py", "CACHED_CELLS"),
    ("planner/bound/arrays.py", "BLOCK_CELLS"), ("planner/bound/arrays.py", "NEAREST"), ("planner/bound/arrays.py", "NEAR_ROWS"),
    ("planner/bound/compiled.py", "SORTED"), ("planner/bound/compiled.py", "CHECKED"), ("planner/bound/engine.py", "PAYS"),
    ("planner/bound/subgradient.py", "FRESH"), ("planner/bound/subgradient.py", "HOPE"),
    ("planner/bound/subgradient.py", "MORE"), ("planner/bound/subgradient.py", "LESS"),
    ("planner/bound/subgradient.py", "STALLED"), ("planner/bound/subgradient.py", "LEAST_HOPE"),
    ("planner/bound/subgradient.py", "LEAST_GAIN"), ("planner/search/label_code.py", "ROOM"),
    ("planner/search/label_code.py", "GROWTH"), ("planner/search/labelling.py", "PAYS"),
    ("planner/search/labelling.py", "MOST"), ("planner/search/refinement.py", "REFINED"),
    ("planner/search/solve.py", "EFFORTS"), ("planner/search/solve.py", "LAST_RESORT"),
    ("planner/search/solve.py", "SKETCH"), ("planner/search/solve.py", "SEVERAL"),
    ("planner/sessions/prepared.py", "AT_LEISURE"), ("planner/sessions/regions.py", "NEAR"),
    ("planner/sessions/regions.py", "FAR"), ("planner/sessions/replanning.py", "AT_ONCE"),
    ("planner/sessions/replanning.py", "PREPARED"),
    ("analysis/windows.py", "AT_ONCE"), ("analysis/__init__.py", "BLOCK"),
    ("analysis/fireredvad.py", "BLOCK"), ("analysis/repetition.py", "AT_ONCE"), ("analysis/onsets.py", "PART"),
    ("analysis/yamnet.py", "WIDE"), ("analysis/yamnet.py", "GROUP"), ("analysis/spectrum.py", "AT_ONCE"),
)  # fmt: skip
"""Constants of modules that decide how long something takes, or how far is looked, and no rule: sizes of caches and blocks,
when machine code pays, how many labels a search holds, how far multipliers step, any of which give a bound. One more or less
is no fault, and so isn't when something happens that only such a constant decides."""

UNSEEN_CHOICES = {"zip": {"strict"}, "njit": {"cache", "nogil"}, "create_function": {"deterministic"}}
"""Choices of calls that change nothing where the code is right: whether lengths are compared that are equal, what numba keeps
on disk and whether it lets go of Python's lock, and whether SQLite may ask a function once for equal values."""

NO_FAULTS = (
    "annotations, which `mypy` holds, decorators (so all of `slots`, `frozen` and sizes of `lru_cache`) and docstrings",
    "`assert` and `if TYPE_CHECKING`, which in the package only tell the type checker what is known",
    "constants that decide about time alone or how far is looked, and the `if` that asks one: "
    + ", ".join(f"`{name}` ({file})" for file, name in SPEED_ALONE),
    "`strict` of `zip`, whose lengths are equal, `cache` and `nogil` of numba's compiler, and `deterministic` of SQLite's functions",
)
"""Kinds of changes that are left out before anything is drawn, and why."""


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
    """A fault at a place; `None` if it would be one of `NO_FAULTS`."""
    text = place.path.read_text(encoding="utf-8")
    operator = rng.choice(_operators()[place.kind])()
    changed = mutate_code(text, operator, place.occurrence + rng.randrange(place.choices))
    if changed is None:
        return None
    try:
        if _running(changed, place.path) == _running(text, place.path):
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


def _running(text: str, path: Path) -> str:
    """The syntax tree of what runs and can be seen."""
    own = {name for file, name in SPEED_ALONE if path.as_posix().endswith(f"playlistkit/{file}")}
    return ast.dump(_Seen(own).visit(ast.parse(text)))


class _Seen(ast.NodeTransformer):
    """Takes out `NO_FAULTS`."""

    def __init__(self, speed_alone: set[str]) -> None:
        self.speed_alone = speed_alone

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns, node.decorator_list = None, []
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.returns, node.decorator_list = None, []
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.decorator_list = []
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def visit_Assert(self, _node: ast.Assert) -> ast.AST:
        return ast.Pass()

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        names = {
            each.id for target in node.targets for each in ast.walk(target) if isinstance(each, ast.Name)
        }
        if names <= self.speed_alone:
            node.value = ast.Constant(None)
        return self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST:
        unseen = {"TYPE_CHECKING", *self.speed_alone}
        if any(isinstance(each, ast.Name) and each.id in unseen for each in ast.walk(node.test)):
            node.test = ast.Constant(None)
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        unseen = UNSEEN_CHOICES.get(called, set())
        node.keywords = [each for each in node.keywords if each.arg not in unseen]
        return self.generic_visit(node)
