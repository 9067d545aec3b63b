"""Print numbers: counted things, times, and values that rounding must not put on the wrong side of a bound."""

from __future__ import annotations

import math

__all__ = ["CD_FRAMES", "beside", "clock", "counted", "length", "number", "passes", "tally"]

CD_FRAMES = 75  # a second, in the times of a CUE sheet
FINEST = 9  # decimals; smaller differences count as equal everywhere in playlistkit


def number(value: float) -> str:
    """A number as people type it: ``"0.3"`` for 0.30000000000000004, ``"40"`` for 40.0."""
    return f"{round(value, FINEST):.12g}"


def counted(count: float, what: str, many: str = "") -> str:
    """``"1 track"`` or ``"2 tracks"``; `many` is the plural of `what`, if it does more than add an s."""
    return f"{number(count)} {what if count == 1 else many or what + 's'}"


def tally(*counts: tuple[int, str]) -> str:
    """``"12 analysed, 3 unchanged"``: counts with what they count, in one line, without those that are 0."""
    return ", ".join(f"{number(count)} {what}" for count, what in counts if count)


def clock(seconds: float) -> str:
    """``"1:05:00"``: hours, minutes, seconds, such as the time into a session."""
    whole = max(0, round(seconds))
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def length(seconds: float) -> str:
    """``"5:07"``: minutes and seconds."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02}"


def beside(value: float, *bounds: float | None, digits: int = 2) -> str:
    """The value with `digits` decimals, or more if it would otherwise seem to lie on the wrong side of a bound.

    Parameters
    ----------
    value : float
    bounds : float or None
        Values that `number` prints beside it; `None` is no bound.
    digits : int
        Decimals, if they suffice.

    Examples
    --------
    >>> beside(0.2, 0.1), beside(0.0984, 0.1), beside(3.04, 3.0, digits=1)
    ('0.20', '0.098', '3.04')
    """
    exact = round(value, FINEST)
    limits = [float(number(bound)) for bound in bounds if bound is not None]
    for decimals in range(digits, FINEST):
        text = f"{exact:.{decimals}f}"
        if all(_side(float(text), limit) == _side(exact, limit) for limit in limits):
            return text
    return number(exact)


def passes(value: float, wish: float, digits: int) -> bool:
    """Whether a value exceeds a wish visibly at so many decimals."""
    return round(value, digits) > wish + 10.0**-FINEST


def _side(value: float, limit: float) -> int:
    """-1 below the limit, 0 on it, 1 above."""
    return 0 if abs(value - limit) < 10.0**-FINEST / 2 else int(math.copysign(1, value - limit))
