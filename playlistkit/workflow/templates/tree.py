"""A template's text as a tree that keeps its comments, whatever stands in it."""

from __future__ import annotations

import io
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

from playlistkit.errors import TemplateError
from playlistkit.template.yaml_nodes import from_text

__all__ = ["dumped", "flow", "get", "is_plain", "list_of", "loaded", "pairs_of"]


def _yaml() -> Any:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def loaded(text: str, origin: str) -> Any:
    """The text as a tree that keeps its comments.

    Raises
    ------
    TemplateError
        If it is no YAML, or more than a template's.
    """
    from ruamel.yaml.error import YAMLError

    from_text(text, origin)  # bounds it, and words what is wrong with it
    try:
        tree = _yaml().load(text)
    except (YAMLError, ValueError) as error:
        raise TemplateError(f"{origin}: not readable as YAML; correct the text first") from error
    if not isinstance(tree, MutableMapping):
        raise TemplateError(f"{origin}: is not a template, which has keys such as name and phases")
    return tree


def dumped(tree: Any) -> str:
    """The text of a tree."""
    stream = io.StringIO()
    _yaml().dump(tree, stream)
    return stream.getvalue()


def flow(value: Any) -> Any:
    """A list or mapping written on one line."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    made = CommentedMap(value) if isinstance(value, Mapping) else CommentedSeq(value)
    made.fa.set_flow_style()
    return made


def is_plain(value: Any) -> bool:
    """Whether it is one value, neither a mapping nor a list."""
    return not isinstance(value, Mapping) and (isinstance(value, str) or not isinstance(value, Sequence))


def get(node: Any, key: str) -> Any:
    """The value of a key; `None` where there is none, or no mapping."""
    return node.get(key) if isinstance(node, Mapping) else None


def list_of(node: Any) -> list[Any]:
    """The items of a list; none where it is no list."""
    return list(node) if isinstance(node, Sequence) and not isinstance(node, str) else []


def pairs_of(node: Any) -> list[tuple[Any, Any]]:
    """The keys and values of a mapping; none where it is no mapping."""
    return list(node.items()) if isinstance(node, Mapping) else []
