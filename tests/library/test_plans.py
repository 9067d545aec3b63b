"""Plans in the library: their history, and what goes with a client."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playlistkit.errors import InputError
from playlistkit.library import Library
from playlistkit.library.plans import MOST


@pytest.fixture
def library(tmp_path):
    with Library(tmp_path / "library.db") as opened:
        yield opened


@settings(max_examples=20)
@given(moves=st.lists(st.sampled_from(["change", "undo", "redo"]), max_size=20))
def test_undo_and_redo_walk_the_whole_history(tmp_path_factory, moves) -> None:
    with Library(tmp_path_factory.mktemp("plans") / "library.db") as library:
        plan = library.plans.keep("0", name="n", what="Planned")
        past, now, future = [], ("0", "Planned"), []
        for number, move in enumerate(moves, 1):
            if move == "change":
                library.plans.revise(plan, str(number), what=f"change {number}", locked=())
                past.append(now)
                now, future = (str(number), f"change {number}"), []
            else:
                source, target = (past, future) if move == "undo" else (future, past)
                if not source:
                    with pytest.raises(InputError, match="there is nothing"):
                        library.plans.step(plan, -1 if move == "undo" else 1)
                    continue
                library.plans.step(plan, -1 if move == "undo" else 1)
                target.append(now)
                now = source.pop()
            found = library.plans.get(plan)
            assert (found.text, found.what) == now
            assert found.undo == (now[1] if past else None)
            assert found.redo == (future[-1][1] if future else None)


def test_locks_and_marks_come_back(library) -> None:
    plan = library.plans.keep("a", name="n", what="Planned")
    library.plans.revise(plan, "b", what="Locked", locked=("t1", "t2"))
    library.plans.mark_join(plan, "t1", "t2", "change")
    library.plans.mark_join(plan, "t1", "t2", "good")
    found = library.plans.get(plan)
    assert found.locked == ("t1", "t2")
    assert found.marks == {("t1", "t2"): "good"}
    library.plans.mark_join(plan, "t1", "t2", None)
    library.plans.step(plan, -1)
    assert (library.plans.get(plan).locked, library.plans.get(plan).marks) == ((), {})


def test_a_forgotten_client_leaves_the_plan_and_nothing_of_the_alias(library, tmp_path) -> None:
    library.clients.remember("Heron-7731", ["t1"])
    plan = library.plans.keep("a", name="n", what="Planned", client="Heron-7731")
    assert library.plans.get(plan).client == "Heron-7731"
    library.clients.forget("Heron-7731")
    assert library.plans.get(plan).client is None
    assert all(b"Heron-7731" not in path.read_bytes() for path in tmp_path.iterdir())


def test_deleted_plans_are_gone_with_their_history(library) -> None:
    plan = library.plans.keep("secret text", name="n", what="Planned")
    library.plans.revise(plan, "b", what="changed", locked=())
    library.plans.delete([plan])
    assert library.plans.list() == []
    with pytest.raises(InputError, match="no longer here"):
        library.plans.get(plan)


def test_plans_are_listed_with_their_last_change_the_latest_first(library) -> None:
    one, two = (library.plans.keep(text, name=text, what="Planned") for text in ("one", "two"))
    library.plans.revise(one, "changed", what="Swapped", locked=())
    assert [(each.id, each.name, each.what) for each in library.plans.list()] == [
        (two, "two", "Planned"),
        (one, "one", "Swapped"),
    ]
    library.plans.step(one, -1)
    library.plans.rename(one, "  first ")
    assert [(each.name, each.what) for each in library.plans.list()] == [
        ("two", "Planned"),
        ("first", "Planned"),
    ]
    for name in (" ", "a\nb"):
        with pytest.raises(InputError, match="needs a name that can be read"):
            library.plans.rename(one, name)


def test_of_a_long_history_the_latest_revisions_are_kept(library) -> None:
    with library.transaction():
        plan = library.plans.keep("1", name="n", what="Planned")
        for number in range(2, MOST + 4):
            assert library.plans.revise(plan, str(number), what="changed", locked=()) == number
    with library.transaction():
        steps = 0
        while library.plans.get(plan).undo:
            library.plans.step(plan, -1)
            steps += 1
    assert steps == MOST - 1
    assert library.plans.get(plan).text == "4"


def test_a_deleted_plan_is_put_back_with_its_history_and_its_client_unless_that_was_forgotten(
    library,
) -> None:
    library.clients.add("Heron")
    plan = library.plans.keep("0", name="n", what="Planned", client="Heron")
    library.plans.revise(plan, "1", what="Swapped", locked=["a"])
    library.plans.mark_join(plan, "a", "b", "good")
    library.plans.step(plan, -1)
    before = library.plans.get(plan)
    (deleted,) = library.plans.delete([plan])
    with pytest.raises(InputError, match="no longer here"):
        library.plans.get(plan)
    library.plans.put_back(deleted)
    assert library.plans.get(plan) == before
    assert (before.redo, before.client) == ("Swapped", "Heron")
    (deleted,) = library.plans.delete([plan])
    library.clients.forget("Heron")
    library.clients.add("Wren")
    library.plans.put_back(deleted)
    assert library.plans.get(plan).client is None
