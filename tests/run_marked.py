"""Run in a traced process: commands one after another, or imports each in a process of its own, each after a mark.

usage: python run_marked.py commands|imports FILE, with a JSON object in FILE: mark to arguments, or to module names.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
from pathlib import Path


def mark(name: str) -> None:
    """Leave a mark in the trace: nothing can be opened below /dev/null."""
    with contextlib.suppress(OSError):
        os.close(os.open(f"/dev/null/{name}", os.O_RDONLY))


def commands(steps: dict[str, list[str]]) -> None:
    """Run each command, and print how it ended."""
    from playlistkit.cli import main

    for name, arguments in steps.items():
        mark(name)
        try:
            code = main([*arguments], standalone_mode=False)
        except SystemExit as end:
            code = end.code
        sys.stdout.flush()
        print(f"\n{name}: exit code {code or 0}", flush=True)


def imports(modules: dict[str, list[str]]) -> None:
    """Import each library in a process that has imported nothing before."""
    for name, places in modules.items():
        mark(name)
        child = os.fork()
        if not child:
            for place in places:
                importlib.import_module(place)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(f"{name}: exit code {os.waitstatus_to_exitcode(status)}", flush=True)


if __name__ == "__main__":
    {"commands": commands, "imports": imports}[sys.argv[1]](json.loads(Path(sys.argv[2]).read_text()))
