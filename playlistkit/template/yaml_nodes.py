"""Turn YAML text, or plain values, into a tree in which each value knows its line.

Only what a template needs of YAML is read: mappings, lists, words, numbers and true/false. Anchors, aliases, tags,
several documents, depth and size beyond any template are refused, so that no text can make the reader slow or
build anything but such a tree. Numbers are read as people write them: 010 is ten, 1:30 is not a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml

from playlistkit.errors import TemplateError

__all__ = ["Items", "Node", "Pairs", "Scalar", "at", "entry", "from_text", "from_value"]

MOST_CHARACTERS = 1 << 20
MOST_TEXT = 1 << 18  # characters outside comments, 28 times the largest shipped template: a second to read
MOST_LINES = 20_000
MOST_VALUES = 5_000  # the largest shipped template has about 700
MOST_DEPTH = 12  # a template needs 6

QUICK = getattr(yaml, "CSafeLoader", None)
"""LibYAML: gives the same events in a fourteenth of the time; not in every build of PyYAML. Its faults have other words."""

_NUMBER = re.compile(
    r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?"
)  # each digit matches in one way: no backtracking
_COMMENT_LINE = re.compile(r"^[ ]*#.*\n?", re.MULTILINE)
_NOT_FINITE = {".inf": "inf", "+.inf": "inf", "-.inf": "-inf", ".nan": "nan"}
_TRUE = {"true", "yes", "on"}
_FALSE = {"false", "no", "off"}
_NULL = {"", "~", "null"}
_OUR_TAGS = (None, "!")  # "!" is what the parser says of a quoted text without a tag


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value: text, number, true or false, or nothing."""

    value: str | float | bool | None
    written: str
    """As it stands in the text."""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Node, ...]
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Pairs:
    """A mapping in its order; a key that stands twice is there twice."""

    pairs: tuple[tuple[Scalar, Node], ...]
    line: int | None = None


Node = Scalar | Items | Pairs
"""A value with its line; `None` where it came from no text."""


def entry(node: Node, name: str) -> Node | None:
    """The value of a mapping's key, the first if it stands twice; `None` if there is none."""
    pairs = node.pairs if isinstance(node, Pairs) else ()
    return next((value for key, value in pairs if key.value == name), None)


def at(origin: str, line: int | None) -> str:
    """The beginning of a sentence about a line."""
    return origin if line is None else f"{origin}:{line}"


def from_text(text: str, origin: str) -> Node:
    """The tree of a YAML text.

    Parameters
    ----------
    text : str
        One YAML document.
    origin : str
        What the text is called in messages: its file's name.

    Raises
    ------
    TemplateError
        If it is too large, no text, no YAML, or more than plain YAML.
    """
    text = text.removeprefix("\ufeff")
    if len(text) > MOST_CHARACTERS or text.count("\n") > MOST_LINES:
        raise TemplateError(
            f"{origin}: larger than any template (1 MiB, {MOST_LINES:,} lines); a template is a few kB of YAML"
        )
    written = len(text) - sum(len(comment) for comment in _COMMENT_LINE.findall(text))
    if written > MOST_TEXT:
        raise TemplateError(
            f"{origin}: {written:,} characters outside comments, which is larger than any template; "
            "a template is a few kB of YAML"
        )
    strange = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if strange:
        line = text.count("\n", 0, strange.start()) + 1
        raise TemplateError(
            f"{origin}:{line}: character U+{ord(strange.group()):04X} doesn't belong in a text; is this a YAML file?"
        )
    if not text.strip():
        raise TemplateError(f"{origin}: empty; `playlistkit templates new` writes a template to change")
    read = _read_quickly(text, origin)
    if read is not None:
        return read
    try:
        return _Composer(iter(yaml.parse(text, Loader=yaml.SafeLoader)), origin).document()
    except yaml.MarkedYAMLError as error:
        raise TemplateError(_syntax_fault(error, text, origin)) from error
    except (ValueError, OverflowError) as error:  # the scanner's chr() of an escape such as "\UFFFFFFFF"
        raise TemplateError(f"{origin}: an escape in a quoted text names no character: {error}") from error


def _read_quickly(text: str, origin: str) -> Node | None:
    """The tree by LibYAML; `None` if that is not there, finds a fault, or might let more pass than PyYAML's own parser."""
    if QUICK is None or "\t" in text or "?" in text:
        return None
    try:
        return _Composer(iter(yaml.parse(text, Loader=QUICK)), origin).document()
    except (yaml.YAMLError, ValueError, OverflowError):
        return None


class _Composer:
    """Builds the tree from parser events, so that it can stop at the first one that no template has."""

    def __init__(self, events: Iterator[yaml.Event], origin: str) -> None:
        self.events = events
        self.origin = origin
        self.count = 0

    def document(self) -> Node:
        for event in self.events:
            if isinstance(event, yaml.StreamEndEvent):
                break
            if isinstance(event, yaml.DocumentStartEvent):
                tree = self.node(next(self.events), 0)
                next(self.events)  # the document's end
                self.no_more()
                return tree
        raise TemplateError(
            f"{self.origin}: nothing but comments; `playlistkit templates new` writes a template to change"
        )

    def no_more(self) -> None:
        following = next(self.events)
        if not isinstance(following, yaml.StreamEndEvent):
            raise self.refused(
                following, "a second document begins ('---'); put each template into its own file"
            )

    def refused(self, event: yaml.Event, why: str) -> TemplateError:
        return TemplateError(f"{at(self.origin, _line(event))}: {why}")

    def node(self, event: yaml.Event, depth: int) -> Node:
        self.count += 1
        if self.count > MOST_VALUES:
            raise self.refused(event, f"more than {MOST_VALUES:,} values; a template has a few hundred")
        if depth > MOST_DEPTH:
            raise self.refused(event, f"nested deeper than {MOST_DEPTH} levels; a template needs at most six")
        if isinstance(event, yaml.AliasEvent):
            raise self.refused(event, f"the alias *{event.anchor} is refused; write the value out")
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if anchor is not None:
            raise self.refused(
                event, f"the anchor &{anchor} is refused; write the value out where it is used"
            )
        if tag not in _OUR_TAGS:
            raise self.refused(event, f"the tag {tag!r} is refused; write the plain value")
        if isinstance(event, yaml.ScalarEvent):
            if _has_half_character(event.value):
                raise self.refused(event, "an escape in a quoted text names half a character; write it out")
            return _scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Node] = []
            while not isinstance(inner := next(self.events), yaml.SequenceEndEvent):
                items.append(self.node(inner, depth + 1))
            return Items(tuple(items), _line(event))
        pairs: list[tuple[Scalar, Node]] = []
        while not isinstance(inner := next(self.events), yaml.MappingEndEvent):
            key = self.node(inner, depth + 1)
            if not isinstance(key, Scalar):
                raise self.refused(inner, "a key must be a word, not a list or a mapping")
            pairs.append((key, self.node(next(self.events), depth + 1)))
        return Pairs(tuple(pairs), _line(event))


def _line(event: yaml.Event) -> int:
    mark = event.start_mark
    return 1 if mark is None else mark.line + 1


def _has_half_character(text: str) -> bool:
    """Whether a text holds a lone surrogate, which no file could be written with."""
    return any("\ud800" <= character <= "\udfff" for character in text)


def _scalar(event: yaml.ScalarEvent) -> Scalar:
    written, line = event.value, _line(event)
    if event.style:  # quoted, or a block of text; of plain text one parser says None, the other ''
        return Scalar(written, written, line)
    low = written.lower()
    if low in _NULL:
        return Scalar(None, written, line)
    if low in _TRUE or low in _FALSE:
        return Scalar(low in _TRUE, written, line)
    if _NUMBER.fullmatch(written):
        return Scalar(float(written), written, line)
    if low in _NOT_FINITE:
        return Scalar(float(_NOT_FINITE[low]), written, line)
    return Scalar(written, written, line)


def _syntax_fault(error: yaml.MarkedYAMLError, text: str, origin: str) -> str:
    """A sentence for the parser's error."""
    mark = error.problem_mark or error.context_mark
    line = 1 if mark is None else mark.line + 1
    lines = text.split("\n")
    here = lines[line - 1] if line <= len(lines) else ""
    indent = here[: len(here) - len(here.lstrip())]
    problem = " ".join(str(error.problem or error.context).split())
    if "\t" in indent or "'\\t'" in problem:
        why = "there is a tab where YAML needs spaces; indent with spaces"
    elif "alias" in problem or "anchor" in problem:
        why = "anchors (&) and aliases (*) are refused; put a text that begins with & or * into quotes"
    elif "mapping values are not allowed" in problem:
        why = "a second colon in one line; put the text into quotes, or begin a new line for the key"
    elif "<stream end>" in problem or "end of stream" in problem or "unexpected end" in problem:
        why = "the text ends inside a bracket or quote; close it"
    else:
        why = f"not readable as YAML ({problem}); look at the indentation, brackets and quotes here and just above"
    return f"{origin}:{line}: {why}"


def from_value(value: object, origin: str, depth: int = 0) -> Node:
    """The tree of plain Python values, as `yaml.safe_load` or `json.loads` give them.

    Raises
    ------
    TemplateError
        If a value is none of these, or nested too deeply (or within itself).
    """
    if depth > MOST_DEPTH:
        raise TemplateError(f"{origin}: nested deeper than {MOST_DEPTH} levels; a template needs at most six")
    if isinstance(value, str) and _has_half_character(value):
        raise TemplateError(f"{origin}: {value!r} holds half a character; write it out")
    if value is None or isinstance(value, (bool, str)):
        return Scalar(value, str(value))
    if isinstance(value, (int, float)):
        number = _float(value)
        return Scalar(number, f"{number:g}")
    if isinstance(value, Mapping):
        pairs: list[tuple[Scalar, Node]] = []
        for key, inner in value.items():
            name = from_value(key, origin, depth + 1)
            if not isinstance(name, Scalar):
                raise TemplateError(f"{origin}: a key must be a word, not a list or a mapping")
            pairs.append((name, from_value(inner, origin, depth + 1)))
        return Pairs(tuple(pairs))
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return Items(tuple(from_value(inner, origin, depth + 1) for inner in value))
    raise TemplateError(f"{origin}: {value!r} is of type {type(value).__name__}, which a template can't hold")


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
