"""What all pages share: the library, jobs, notices, templates.

Short work of all pages goes through `look` and `change`; long work opens the library again in its job's own thread.
"""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from jinja2 import Environment, PackageLoader, StrictUndefined

from playlistkit import __version__
from playlistkit.errors import InputError
from playlistkit.figures import clock, counted
from playlistkit.model import clarity_of, vocals_of
from playlistkit.web.jobs import Job, Jobs
from playlistkit.web.navigation import LINKS, PLAN_LINKS
from playlistkit.web.shared_library import SharedLibrary

if TYPE_CHECKING:
    from starlette.requests import Request

    from playlistkit.workflow.library import Library

__all__ = ["Notice", "Notices", "Place", "Undos"]

UNDOS = 100  # changes remembered
PREPARED = 10.0  # s to wait for what is being prepared

Of = ParamSpec("Of")
Given = TypeVar("Given")


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence to show once, on the next page."""

    text: str
    undo: tuple[str, Mapping[str, str]] | None = None
    """What to post where, to undo it."""


class Notices:
    """Sentences for the next page."""

    def __init__(self) -> None:
        self._waiting: list[Notice] = []
        self._lock = threading.Lock()

    def add(self, text: str, undo: tuple[str, Mapping[str, str]] | None = None) -> None:
        """Show this on the next page."""
        with self._lock:
            self._waiting.append(Notice(text, undo))

    def take(self) -> list[Notice]:
        """The sentences to show; empties the list."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        return waiting


class Undos:
    """How to undo the last changes, while the server runs."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._waiting: dict[str, Callable[[], None]] = {}

    def add(self, take_back: Callable[[], None]) -> str:
        """Remember how to undo a change; returns its number for the form."""
        number = str(next(self._numbers))
        self._waiting[number] = take_back
        while len(self._waiting) > UNDOS:
            del self._waiting[next(iter(self._waiting))]
        return number

    def do(self, number: str) -> None:
        """Undo a change, once.

        Raises
        ------
        InputError
            If it was already undone, or is too long ago.
        """
        take_back = self._waiting.pop(number, None)
        if take_back is None:
            raise InputError("this was already undone, or is too long ago")
        take_back()


class Place:
    """One run of the server: a library, its jobs, its notices.

    Parameters
    ----------
    library_path : str or path, optional
        As for `Library`.
    """

    def __init__(self, library_path: str | os.PathLike[str] | None) -> None:
        self.jobs = Jobs()
        self.notices = Notices()
        self.undos = Undos()
        self.close_server: Callable[[], None] = lambda: None
        """Ends the server, after its answers are sent."""
        self._home = library_path
        self._path = library_path
        self._library = SharedLibrary(library_path)
        numbers = itertools.count(1)
        self._templates = Environment(
            loader=PackageLoader("playlistkit.web", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(
            version=__version__,
            links=LINKS,
            plan_links=PLAN_LINKS,
            vocals_of=vocals_of,
            clarity_of=clarity_of,
            clock=clock,
            counted=counted,
            number=lambda: next(numbers),  # an id for a label and its field
        )

    # --- the library --------------------------------------------------------------------------------------

    def look(
        self, work: Callable[Concatenate[Library, Of], Given], *args: Of.args, **kwargs: Of.kwargs
    ) -> Given:
        """Read something of the library; returns or raises what that does. Waits for no change."""
        return self._library.look(lambda library: work(library, *args, **kwargs))

    def look_where_prepared(
        self, work: Callable[Concatenate[Library, Of], Given], *args: Of.args, **kwargs: Of.kwargs
    ) -> Given:
        """As `look`, for what `prepare` may be reading just now: it waits for that rather than read all of it again."""
        return self._library.look(lambda library: work(library, *args, **kwargs), PREPARED)

    def change(
        self, work: Callable[Concatenate[Library, Of], Given], *args: Of.args, **kwargs: Of.kwargs
    ) -> Given:
        """Change something in the library; returns or raises what that does. Waits for other changes."""
        return self._library.change(lambda library: work(library, *args, **kwargs))

    def prepare(self, work: Callable[[Library], object]) -> None:
        """Read what will soon be asked for, while nobody waits."""
        self._library.prepare(work)

    def open(self) -> Library:
        """Open the library again for a job's thread; the caller closes it."""
        from playlistkit.workflow.library import Library

        return Library(self._path)

    @property
    def is_visiting(self) -> bool:
        """Whether the open library is not the user's own but the demo's."""
        return self._path is not self._home

    def visit(self, library_path: str | os.PathLike[str] | None) -> None:
        """Switch to another library; `None` switches back to the user's own."""
        before, self._path = self._library, self._home if library_path is None else library_path
        self._library = SharedLibrary(self._path)
        before.close()

    def close(self) -> None:
        """Stop all jobs and close the library."""
        self.jobs.close()
        self._library.close()

    # --- the templates ------------------------------------------------------------------------------------

    def load(self) -> None:
        """Load what the first page does without: the words and drawings of all others."""
        from playlistkit.workflow import drawings, words

        for given in (words, drawings):
            self._templates.globals.update({name: getattr(given, name) for name in given.__all__})

    def render(
        self,
        template: str,
        request: Request,
        values: Mapping[str, object],
        jobs: Iterable[Job] | None = None,
    ) -> bytes:
        """A page as HTML; undecodable bytes of file names are escaped.

        Every template has `here` (the path of the address), `address` (with its query), `jobs`, `notices`, `visiting`,
        and what its handler gives. `jobs` are shown as they were before the handler looked, so that a page whose
        content is older than the end of a job shows that job as running, and asks again.
        """
        here = request.url.path
        shown = list(self.jobs if jobs is None else jobs)
        for job in shown:
            if job.end is not None and job.end.to == here and not job.end.problems:
                self.jobs.dismiss(job.id)  # what it made is being looked at
        left = [job for job in shown if job.end is None or job.end.to != here]
        return self._rendered(template, request, left, self.notices.take(), values)

    def render_waiting(self, request: Request) -> bytes:
        """The page that is shown while this one is slow to come; notices are left for this one."""
        return self._rendered("waiting.html", request, (), (), {})

    def _rendered(
        self,
        template: str,
        request: Request,
        jobs: Sequence[Job],
        notices: Sequence[Notice],
        values: Mapping[str, object],
    ) -> bytes:
        here, query = request.url.path, request.url.query
        text = self._templates.get_template(template).render(
            here=here,
            address=here + (f"?{query}" if query else ""),
            jobs=jobs,
            notices=notices,
            visiting=self.is_visiting,
            **values,
        )
        return text.encode("utf-8", "backslashreplace")
