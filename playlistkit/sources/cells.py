"""From a table's text to its headers and cells: CSV with any separator, JSON of any shape."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playlistkit.errors import InputError
from playlistkit.sources.headers import NAMING, columns_of

__all__ = ["Cells", "Fault", "Lines", "csv_lines", "decoded", "json_lines"]

NO_TEXT = re.compile("[\ud800-\udfff]")  # half a character, as JSON's \ud800 may leave
DELIMITERS = ",;\t"
MOST_TITLES = 20  # most title lines above the headers

Cells = Sequence[str]
Lines = list[tuple[str, Cells]]
"""Where a row stands, as `Fault.where` says it, with its cells."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a table or a row."""

    where: str
    """``"liked.csv:12"``; for JSON ``"liked.json, entry 12"``."""
    kind: Literal["lacks", "wrong", "double", "skipped"]
    """Without a value; a value that was left out; a row that repeats another; a row that was left out."""
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


def decoded(raw: bytes, path: Path) -> tuple[str, tuple[str, ...]]:
    """The text of a file, and a note if its encoding had to be assumed; refuses what is not text."""
    encoding = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    note: tuple[str, ...] = ()
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
        note = (f"{path}: is not UTF-8; read as Windows-1252, so check names with accents",)
    if "\0" in text:
        raise InputError(f"{path}: is not a text file; export the table as CSV (UTF-8)")
    return text, note


def csv_lines(text: str, name: str) -> tuple[list[str], Lines, list[Fault]]:
    """Headers, rows with their lines, and skipped rows; refuses an empty table."""
    lines = text.splitlines(keepends=True)
    first = 0
    if lines and re.fullmatch(r'"?sep=.?"?', lines[0].strip(), re.IGNORECASE):
        first = 1  # a spreadsheet's own line
    while first < len(lines) and not lines[first].strip(' \t\r\n,;"'):
        first += 1
    if first == len(lines):
        raise InputError(f"{name}: is empty")
    first, delimiter = _header(lines, first)
    rows = _strict_rows(io.StringIO("".join(lines[first:]), newline=""), delimiter, name, first)
    _, headers, _ = next(rows)
    found: Lines = []
    faults: list[Fault] = []
    for line, cells, lines_read in rows:
        where = f"{name}:{line}"
        # the quick test first: most rows have a URI or a number in their first column
        if not (cells and cells[0].strip()) and not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(headers) and any(cell.strip() for cell in cells[len(headers) :]):
            faults.append(
                Fault(
                    where,
                    "skipped",
                    f"has {len(cells)} values for {len(headers)} columns, so it is unclear which is which; "
                    "put quotes around values that contain the separator",
                )
            )
        elif lines_read > 6:
            faults.append(
                Fault(where, "skipped", "a quotation mark is never closed, so the lines after it are lost")
            )
        else:
            found.append((where, cells))
    return headers, found, faults


def _header(lines: Sequence[str], first: int) -> tuple[int, str]:
    """The line of the headers, which titles may stand above, and what separates its values."""
    for number in range(first, min(first + MOST_TITLES, len(lines))):
        columns, delimiter = max(
            ((columns_of(_first_row(lines[number], each)), each) for each in DELIMITERS),
            key=lambda found: len(found[0]),
        )
        if columns.keys() & NAMING and (len(columns) > 1 or number == first):
            return number, delimiter
    delimiter = max(DELIMITERS, key=lambda each: len(columns_of(_first_row(lines[first], each))))
    return first, delimiter


def _first_row(line: str, delimiter: str) -> list[str]:
    """The line's cells; none if it can't be read as a table's."""
    try:
        return next(_reader([line], delimiter), [])
    except csv.Error:
        return []


def _reader(lines: Iterable[str], delimiter: str) -> Any:
    # skipinitialspace: a quote after `, ` is a quote, not part of the value
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=delimiter != "\t")


def _strict_rows(
    stream: io.StringIO, delimiter: str, name: str, skipped: int
) -> Iterator[tuple[int, list[str], int]]:
    """Rows, each with its first line and its number of lines."""
    reader = _reader(stream, delimiter)
    line = skipped + 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InputError(f"{name}:{line}: can't be read as a table: {error}") from error
        after = skipped + reader.line_num + 1
        yield line, cells, after - line
        line = after


def json_lines(text: str, name: str) -> tuple[list[str], Lines, list[Fault]]:
    """The same from JSON: a list of objects, or an object that holds one under tracks, items or rows.

    Raises
    ------
    InputError
        If it is not JSON, or holds no such list.
    """
    try:
        document = json.loads(text)
    except RecursionError as error:
        raise InputError(f"{name}: is not a table: nested too deeply") from error
    except ValueError as error:
        raise InputError(f"{name}: is not valid JSON: {error}") from error
    if isinstance(document, dict):
        document = _list_in(document)
    if not isinstance(document, list) or not document:
        raise InputError(f"{name}: holds no list of tracks")
    faults = []
    entries: list[tuple[str, dict[str, str]]] = []
    for number, entry in enumerate(document, 1):
        where = f"{name}, entry {number}"
        if isinstance(entry, dict):
            entries.append((where, _flat(entry)))
        else:
            faults.append(Fault(where, "skipped", f"{json.dumps(entry)[:40]} is not an object with names"))
    headers = list(dict.fromkeys(each for _, entry in entries for each in entry))
    return headers, [(where, [entry.get(each, "") for each in headers]) for where, entry in entries], faults


def _list_in(document: Mapping[str, Any]) -> list[Any] | None:
    """The tracks of an export: its list of them, or those of all its playlists, as Spotify gives out one's own data."""
    lists = (document.get(each) for each in ("tracks", "items", "rows", "data"))
    found = next((each for each in lists if isinstance(each, list)), None)
    if found is None and isinstance(several := document.get("playlists"), list):
        inner = (one.get("items") for one in several if isinstance(one, dict))
        return [each for items in inner if isinstance(items, list) for each in items]
    return found


def _flat(entry: Mapping[str, Any]) -> dict[str, str]:
    """An object's values as texts; those under `features` and `track` are raised to the top level, names stand for objects."""
    flat: dict[str, str] = {}
    for name, value in entry.items():
        if name in ("features", "track") and isinstance(value, dict):
            flat |= _flat(value)
            continue
        if isinstance(value, dict) and "name" in value:
            value = value["name"]
        elif isinstance(value, list):
            value = [each.get("name") if isinstance(each, dict) else each for each in value]
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            flat[name] = NO_TEXT.sub("\ufffd", ";".join(value))
        elif isinstance(value, (str, int, float)):
            flat[name] = NO_TEXT.sub("\ufffd", str(value))
        elif value is None:
            flat[name] = ""
    return flat
