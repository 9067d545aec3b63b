"""One thread of numpy's BLAS while we multiply small matrices, and the caller's number before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pytest
import threadpoolctl

import playlistkit as pk
from playlistkit import analysis

ARC = "name: Short\nphases: [{name: peak, minutes: 8, energy: 0.3}]\nrules: {tail_minutes: 0}"
MUSIC = [
    pk.Candidate(pk.Track(f"t{k}", title=f"Piece {k}", duration=160.0), pk.Features(energy=0.3))
    for k in range(8)
]
PLAN = pk.plan(pk.Session(pk.parse_template(ARC)), MUSIC)
OTHER = next(each.track.id for each in MUSIC if each.track.id not in {slot.track.id for slot in PLAN.slots})


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    np.ones((2, 2)) @ np.ones((2, 2))
    with threadpoolctl.threadpool_limits(2, "blas"):
        yield


def threads() -> int:
    """Those of numpy's BLAS; other modules may have brought one of their own since."""
    found = [each for each in threadpoolctl.threadpool_info() if each["user_api"] == "blas"]
    return min(found, key=lambda each: "numpy" not in each["filepath"])["num_threads"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "work",
    [
        lambda music: pk.plan(PLAN.session, music),
        lambda music: pk.replan(PLAN, music, 10.0),
        lambda music: pk.prepare(PLAN, music),
        lambda music: pk.alternatives(PLAN, music, 1),
        lambda music: pk.swapped(PLAN, music, 1, OTHER),
        lambda music: pk.around(PLAN, music, [0]),
        lambda _: analysis.hear(iter_of_samples(), 48_000, voice=False),
    ],
    ids=["plan", "replan", "prepare", "alternatives", "swapped", "around", "hear"],
)
def test_planning_and_listening_take_one_thread_and_give_the_others_back(
    work: Callable[[Iterable[pk.Candidate]], object],
) -> None:
    seen.clear()
    work(noting(MUSIC))
    assert set(seen) == {1}
    assert threads() == 2


seen: list[int] = []


def noting(music: Iterable[pk.Candidate]) -> Iterator[pk.Candidate]:
    for each in music:
        seen.append(threads())
        yield each


def iter_of_samples() -> Iterator[np.ndarray]:
    seen.append(threads())
    yield np.zeros(48_000, np.float32)


def test_an_error_gives_the_threads_back() -> None:
    with pytest.raises(pk.InputError):
        pk.replan(PLAN, MUSIC, -1.0)
    assert threads() == 2
