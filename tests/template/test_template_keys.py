"""Every key of a template is declared once, and that is enough."""

from __future__ import annotations

import ast
import dataclasses
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from template_strategies import of

from playlistkit.model import Phase, Range
from playlistkit.report.template_words import template_lines
from playlistkit.template.faults import Faults
from playlistkit.template.keys import JOIN, PHASE, RULES, TEMPLATE, VARIANT
from playlistkit.template.mapping_shapes import Part, Record, ShortForm
from playlistkit.template.number_shapes import Limits, Number
from playlistkit.template.shapes import Key, Shape
from playlistkit.template.yaml_nodes import from_text, from_value

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "templates.md"

spec = importlib.util.spec_from_file_location("template_keys", ROOT / "docs" / "template_keys.py")
assert spec is not None
assert spec.loader is not None
template_keys = importlib.util.module_from_spec(spec)
spec.loader.exec_module(template_keys)


def records(shape: Shape = TEMPLATE) -> Iterator[Record]:
    """All mappings of known keys in a template."""
    if isinstance(shape, Record):
        yield shape
        for key in shape.keys:
            yield from records(key.shape)
    elif isinstance(inner := getattr(shape, "of", None), Shape):
        yield from records(inner)


def filled(shape: Shape, name: str, fills: str) -> set[str]:
    """The fields that a key fills."""
    if isinstance(shape, Record) and shape.spreads:
        return {key.fills for key in shape.keys}
    return {name, f"{name}_share", f"{name}_beyond"} if shape.spreads else {fills}


@pytest.mark.parametrize(
    "record", [each for each in records() if not each.spreads], ids=lambda each: each.of.__name__
)
def test_every_field_of_the_model_has_its_key_and_every_key_its_field(record: Record) -> None:
    fields = {field.name for field in dataclasses.fields(record.of)}
    if record.of.__name__ == "Variant":
        fields.remove("name")  # the key under which it stands
    assert set().union(*(filled(key.shape, key.name, key.fills) for key in record.keys)) == fields


def test_every_key_says_what_it_means() -> None:
    assert [key.name for record in records() for key in record.keys if not key.says] == []


def test_the_tables_of_the_documentation_are_the_declared_keys() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == template_keys.page(text), "run: python docs/template_keys.py"


OPEN = Range()


@dataclasses.dataclass(frozen=True)
class Wider(Phase):
    """A phase of the model with one more field."""

    warmth: Range = OPEN


WIDER = dataclasses.replace(
    PHASE, of=Wider, keys=(*PHASE.keys, Key("warmth", Limits(Number(0, 9, "degrees")), "how warm it sounds"))
)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_a_new_key_is_read_written_described_and_documented_by_its_one_entry(data: st.DataObject) -> None:
    phase = data.draw(of(WIDER["warmth"].shape).map(lambda warmth: Wider(
        "peak", PHASE["minutes"].shape.read(Faults(), from_value(40, "x"), "", ""), ((0, 0.2), (1, 0.4)), "peak", warmth=warmth,
    )))  # fmt: skip
    written = WIDER.write(phase)
    faults = Faults()
    assert WIDER.read(faults, from_value(written, "x"), "phase 'peak'", "") == phase
    assert faults.found == []
    jsonschema.Draft202012Validator({**WIDER.schema(), "$defs": {"tags": {}}}).validate(written)
    assert "| `warmth` | `{min, max}`, one or both, 0 to 9 degrees | how warm it sounds | any |" in (
        template_keys.table("in a phase", WIDER)
    )
    assert "warmth" in written


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("warmth: {max: 12}", "phase 'peak': warmth: max 12 is not 0 to 9 degrees"),
        ("warmt: {max: 2}", "phase 'peak': unknown key 'warmt'; did you mean 'warmth'?"),
        ("warmth: 3", "phase 'peak': warmth 3 must say which side it bounds; write {max: 3}"),
    ],
)
def test_the_faults_of_a_new_key_are_told_with_its_line(line: str, said: str) -> None:
    faults = Faults()
    tree = from_text(f"name: peak\nminutes: 40\nenergy: 0.2\n{line}\n", "mine.yaml")
    WIDER.read(faults, tree, "phase 'peak'", "")
    assert [(fault.line, fault.text) for fault in faults.found] == [(4, said)]


def test_a_bare_number_may_stand_for_several_keys() -> None:
    @dataclasses.dataclass(frozen=True)
    class Steps:
        up: float
        down: float

    one = Number(0, 1)
    shape = ShortForm(
        Record(Steps, (Key("up", one, needed=True), Key("down", one, needed=True))), ("up", "down")
    )
    assert shape.read(Faults(), from_value(0.5, "x"), "", "steps") == Steps(0.5, 0.5)
    assert shape.write(Steps(0.5, 0.5)) == 0.5
    assert shape.write(Steps(0.5, 1)) == {"up": 0.5, "down": 1}


SHOWN = [
    (record, key)
    for record, keys in ((PHASE, PHASE.keys), (RULES, RULES.keys), (JOIN, JOIN.keys))
    for key in keys
    if key.name != "evidence"
]


@pytest.mark.parametrize(("record", "key"), SHOWN, ids=lambda each: getattr(each, "name", ""))
def test_every_key_is_shown_to_who_reads_the_template(record: Record, key: Key) -> None:
    """`templates show` tells of each key that differs from its default."""

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def shown(data: st.DataObject) -> None:
        plain = TEMPLATE.read(Faults(), from_value(PLAIN, "x"), "", "")
        owner = {PHASE.of: plain.phases[0], RULES.of: plain.rules, JOIN.of: plain.rules.join}[record.of]
        drawn = data.draw(of(key.shape))
        changed = dataclasses.replace(owner, **(drawn if key.shape.spreads else {key.fills: drawn}))
        assume(record.write(changed) != record.write(owner))
        if record is PHASE:
            varied = dataclasses.replace(plain, phases=(changed,))
        else:
            rules = changed if record is RULES else dataclasses.replace(plain.rules, join=changed)
            varied = dataclasses.replace(plain, rules=rules)
        assert list(template_lines(varied)) != list(template_lines(plain))

    shown()


PLAIN = {"name": "x", "phases": [{"name": "peak", "minutes": 20, "energy": 0.2}]}


def uses() -> set[str]:
    """What the modules that judge and plan, and those that change a template for the day, read of their values."""
    found: set[str] = set()
    folder = ROOT / "playlistkit"
    for path in [
        *folder.glob("objective/**/*.py"),
        *folder.glob("planner/**/*.py"),
        folder / "template" / "variants.py",
    ]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                found.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def test_every_key_is_put_to_use() -> None:
    """A key that is read and shown, and that nothing heeds, would be a promise to the therapist that nobody keeps."""
    caps = {key.fills for key in VARIANT.keys if key.caps}  # variants.py walks them by their declaration
    words = {"note", "evidence", "name", "zero", "sources", "build", "id", "variants", "phases", "rules"}
    names = {
        key.fills
        for record in records()
        for key in record.keys
        if not (isinstance(key.shape, Part) or key.fills in words | caps)
    }
    assert names - uses() == set()
