"""`playlistkit` and `python -m playlistkit`."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
import threading

__all__ = ["main"]

_code = 1


def main() -> None:
    """Run the command line. Ctrl-C works as usual even while modules are still loading."""
    global _code
    atexit.register(_leave)  # registered first, so called last
    _open_closed_streams()
    try:
        from playlistkit.cli import main as run

        try:
            run()
        finally:  # what is left to do is told and tidied; a second Ctrl-C ends it without a traceback
            with contextlib.suppress(ValueError):  # not the main thread
                signal.signal(signal.SIGINT, signal.SIG_DFL)
        _code = 0
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. What was finished is kept.\n")
        _code = 130
        raise SystemExit(130) from None
    except SystemExit as end:
        _code = end.code if isinstance(end.code, int) else int(end.code is not None)
        raise


def _open_closed_streams() -> None:
    """Give a closed standard stream (`>&-`, a Windows program without a console) somewhere to go: nowhere."""
    for name in ("stdin", "stdout", "stderr"):  # in order: each takes the lowest free number, its own
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w", encoding="utf-8"))  # noqa: PTH123, SIM115


def _leave() -> None:
    """Exit at once if a background thread still works: Python would kill it inside a library, which then aborts."""
    if any(each.daemon for each in threading.enumerate()):
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):  # closed or on a full disk, as already reported
                stream.flush()
        os._exit(_code)


if __name__ == "__main__":
    main()
