"""Turn the tree of a YAML text into a `Template`, reporting every fault at once.

Most of what can be wrong is a matter of shape: an unknown key, a word for a number, a value out of its bounds. The
JSON Schema (`playlistkit.template.schema`) says the same, since both are made of the same keys. What holds *between*
values (lowest above highest, a phase twice, a variant for a phase that isn't there) no schema can say; those faults
are marked `between`, so that a test can hold the two against each other.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping

from playlistkit.arguments import checks_arguments
from playlistkit.errors import TemplateError
from playlistkit.model import Template
from playlistkit.template.faults import Fault, Faults, shown
from playlistkit.template.keys import TEMPLATE
from playlistkit.template.yaml_nodes import Node, Pairs, at, from_text, from_value

__all__ = ["load", "parse", "read"]

MOST_FAULTS = 100  # reported at once


@checks_arguments
def parse(text: str, origin: str = "template") -> Template:
    r"""Read a template from its YAML text.

    Parameters
    ----------
    text : str
        The YAML, at most 1 MiB of it.
    origin : str
        The name of the file, for messages; without its suffix it is the template's id unless `id` is given.

    Returns
    -------
    Template

    Raises
    ------
    TemplateError
        With every fault at once, each ``"phases.yaml:14: phase 'peak': ..."``.

    Examples
    --------
    >>> text = "name: Short\nphases: [{name: peak, minuets: 20, energy: 0.2}]"
    >>> try:
    ...     pk.parse_template(text, "short.yaml")
    ... except pk.TemplateError as error:
    ...     print(error)
    short.yaml:2: phase 'peak': unknown key 'minuets'; did you mean 'minutes'?
    """
    return _settled(from_text(text, origin), origin)


def load(values: Mapping[str, object], origin: str = "template") -> Template:
    """Read a template from plain values in the YAML's own shape, as `dump` gives them.

    Parameters
    ----------
    values : mapping
        As `yaml.safe_load` or `json.loads` give it.
    origin : str
        What it is called in messages; the template's id unless `id` is given.

    Raises
    ------
    TemplateError
        With every fault at once.
    """
    return _settled(from_value(values, origin), origin)


def _settled(tree: Node, origin: str) -> Template:
    template, faults = read(tree, origin)
    if template is None or faults:
        told = [f"{at(origin, fault.line)}: {fault.text}" for fault in faults[:MOST_FAULTS]]
        if len(faults) > MOST_FAULTS:
            told.append(f"{origin}: and {len(faults) - MOST_FAULTS:,} more faults; is this a template?")
        raise TemplateError(*told)
    return template


def read(tree: Node, origin: str) -> tuple[Template | None, list[Fault]]:
    """The template of a tree, and all its faults in the order of their lines; `None` only with faults."""
    faults = Faults()
    template = None
    if isinstance(tree, Pairs):
        template = TEMPLATE.read(faults, tree, "", "")
    else:
        faults.add(tree, "", f"{shown(tree)} is not a template, which has keys such as name and phases")
    if faults.found or template is None:
        return None, sorted(faults.found, key=lambda fault: fault.line or 0)
    return template if template.id else dataclasses.replace(template, id=_stem(origin)), []


def _stem(origin: str) -> str:
    name = re.split(r"[/\\]", origin)[-1]
    return re.sub(r"\.(ya?ml|json)$", "", name, flags=re.IGNORECASE) or name
