"""Audio answers: one bounded range at a time, as players ask for it.

Only a single plain range in a Range header is honoured: many small or overlapping ranges have brought servers to
their knees.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from playlistkit.errors import InputError

__all__ = ["file_answer", "wav_answer"]

ONE_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
PIECE = 64 * 1024  # bytes read at once
MOST = 4 * 2**20  # bytes in one range answer; a player then asks for the next


def file_answer(request: Request, path: str, media_type: str) -> Response:
    """A file, or the requested range of it.

    Raises
    ------
    InputError
        If it can't be read.
    """
    try:
        size = os.stat(path).st_size  # noqa: PTH116
        os.close(os.open(path, os.O_RDONLY))
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror}") from error
    first, last, partly = _range(request, size)
    if first > last:
        return Response(status_code=416, headers={"content-range": f"bytes */{size}"})
    headers = _headers(first, last, size, partly)
    return StreamingResponse(
        _pieces(path, first, last - first + 1), 206 if partly else 200, headers, media_type
    )


def wav_answer(request: Request, wav: bytes) -> Response:
    """A generated WAV, or the requested range of it."""
    first, last, partly = _range(request, len(wav))
    if first > last:
        return Response(status_code=416, headers={"content-range": f"bytes */{len(wav)}"})
    headers = _headers(first, last, len(wav), partly)
    return Response(wav[first : last + 1], 206 if partly else 200, headers, "audio/wav")


def _range(request: Request, size: int) -> tuple[int, int, bool]:
    """First and last byte to send, and whether a range was asked for; last < first if the range is invalid."""
    asked = ONE_RANGE.fullmatch(request.headers.get("range", "").strip())
    if asked is None or asked.group() == "bytes=-":
        return 0, size - 1, False
    if not asked[1]:  # a suffix range
        first, last = max(0, size - int(asked[2])), size - 1
    else:
        first = int(asked[1])
        last = min(size - 1, int(asked[2]) if asked[2] else size - 1)
    return first, min(last, first + MOST - 1), True


def _headers(first: int, last: int, size: int, partly: bool) -> dict[str, str]:
    headers = {"accept-ranges": "bytes", "content-length": str(last - first + 1)}
    if partly:
        headers["content-range"] = f"bytes {first}-{last}/{size}"
    return headers


def _pieces(path: str, first: int, count: int) -> Iterator[bytes]:
    with open(path, "rb") as file:  # noqa: PTH123 -- keeps odd names
        file.seek(first)
        while count > 0:
            piece = file.read(min(PIECE, count))
            if not piece:
                return
            count -= len(piece)
            yield piece
