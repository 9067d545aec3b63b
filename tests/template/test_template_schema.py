"""The JSON Schema and the reader agree, in both directions."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import jsonschema
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from template_strategies import templates

from playlistkit import template as reader
from playlistkit.model import PHASES, Template
from playlistkit.template.keys import PHASE, TEMPLATE, VARIANT
from playlistkit.template.reading import read
from playlistkit.template.yaml_nodes import from_value
from playlistkit.workflow.templates.finding import schema_text

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "playlistkit" / "templates"
SCHEMA = json.loads(schema_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

WORDS = [
    "on",
    "off",
    "none",
    "any",
    "wordless",
    "optional",
    "tail",
    "peak",
    "a=b",
    " x",
    "x ",
    "x\n",
    "",
    " ",
    "a\nb",
    "\x07",
]
NUMBERS = [0, 1, -1, 0.5, 2, 20, 300, 1440, 2160, 1e9, -60, 1000.5]

Path_ = tuple[str | int, ...]


def leaves() -> st.SearchStrategy[object]:
    return st.sampled_from([*WORDS, *NUMBERS, *PHASES, None, True, False]) | st.floats(-100, 2000)


def values() -> st.SearchStrategy[object]:
    keys = st.sampled_from(["min", "max", "default", "allow", "share", "minute", "around", "note", "x"])
    return leaves() | st.lists(leaves(), max_size=3) | st.dictionaries(keys, leaves(), max_size=3)


def places(document: object, path: Path_ = ()) -> list[Path_]:
    inside = [path]
    if isinstance(document, dict):
        inside += [place for key, value in document.items() for place in places(value, (*path, key))]
    elif isinstance(document, list):
        inside += [place for index, value in enumerate(document) for place in places(value, (*path, index))]
    return inside


def changed(document: object, data: st.DataObject) -> object:
    """The document with one value replaced, one key taken out, or one put in."""
    document = copy.deepcopy(document)
    path = data.draw(st.sampled_from(places(document)))
    if not path:
        return document
    parent = document
    for step in path[:-1]:
        parent = parent[step]  # type: ignore[index]
    what = data.draw(st.sampled_from(["replace", "take out", "put in"]))
    if what == "replace" or isinstance(parent, list):
        parent[path[-1]] = data.draw(values())  # type: ignore[index]
    elif what == "take out":
        del parent[path[-1]]  # type: ignore[attr-defined]
    else:
        key = data.draw(
            st.sampled_from([*PHASE.names, *TEMPLATE.names, *VARIANT.names, "src", "max", "share"])
        )
        parent[key] = data.draw(values())  # type: ignore[index]
    return document


def reader_refuses(document: object) -> list[str]:
    """The faults that a schema could tell: of shape, not between values."""
    _, faults = read(from_value(document, "x.yaml"), "x.yaml")
    return [fault.text for fault in faults if not fault.between]


@settings(max_examples=30, deadline=None)
@given(templates())
def test_what_the_reader_reads_the_schema_accepts(template: Template) -> None:
    VALIDATOR.validate(reader.dump(template))


@settings(max_examples=60, deadline=None)
@given(templates(), st.data())
def test_the_schema_refuses_exactly_what_the_reader_refuses_for_its_shape(
    template: Template, data: st.DataObject
) -> None:
    document: object = json.loads(json.dumps(reader.dump(template)))
    for _ in range(data.draw(st.integers(1, 2))):
        document = changed(document, data)
    refused = [error.message for error in VALIDATOR.iter_errors(document)]
    faults = reader_refuses(document)
    assert bool(refused) == bool(faults), (refused, faults, document)


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_shipped_template_is_valid_by_the_schema() -> None:
    for path in (ROOT / "phases.yaml", *SHIPPED.glob("*.yaml")):
        VALIDATOR.validate(yaml.safe_load(path.read_text(encoding="utf-8")))
