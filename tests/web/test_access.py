"""Every page and state: no fault that axe knows, nothing to scroll sideways at 400 % zoom, all of it by keyboard alone."""

from __future__ import annotations

import importlib
import itertools
import pkgutil
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

import playlistkit
from playlistkit.library import Library
from playlistkit.web import pages
from playlistkit.workflow.planning import plans

from .conftest import SIZES, accessible, operable, resize, tab_to, until


@pytest.fixture(scope="module")
def kept(demo_folder, demo_made, tmp_path_factory) -> tuple[Path, str]:
    """The demo's library with its plan, a client with a session, and voices to decide."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copy(demo_folder / "library.db", folder / "library.db")
    with Library(folder / "library.db") as opened:
        plan = plans.keep(opened, demo_made.plan, client="Heron-7731")
        plans.remember(opened, plan)
        track = demo_made.plan.slots[0].track.id
        opened.clients.mark("Heron-7731", track, "keep")
        opened.plans.mark_join(plan, track, demo_made.plan.slots[1].track.id, "change")
        for each in opened.candidates()[:4]:
            opened.set_features(each.track.id, {"vocals": "unknown"}, "set")
    return folder / "library.db", plan


@pytest.fixture(scope="module")
def server(start, kept):
    return start(kept[0])


def lead_to_a_shortfall(page: Any, address: str, template: str = "montreal") -> None:
    page.goto(f"{address}/plan/new/{template}?variant=none")
    page.get_by_role("button", name="Build").click()
    page.get_by_role("heading", name="What you can do").wait_for()


def addresses(plan: str, track: str) -> tuple[str, ...]:
    """Every page, with a plan's and a track's own."""
    return (
        "/", "/music", "/music?q=energy:loud", "/music?q=nothing+like+it", f"/music/{track}", "/music/add", "/music/table",
        "/voices", "/tempi", "/plan", "/plan/new/phases?variant=anxious", "/plan/new/phases?minutes-peak=500",
        "/plan/new/ayahuasca", plan, f"{plan}/swap/1", f"{plan}/listen", f"{plan}/listen?only=flagged", f"{plan}/out",
        f"{plan}/spotify", f"{plan}/session", "/session", "/session/after", "/clients", "/arcs", "/spotify", "/nowhere",
        "/plans/nowhere",
    )  # fmt: skip


WRONG = ("/nowhere", "/plans/nowhere")
NO_PAGES = re.compile(r"\.wav$|/sound$|/state$|/as/\{suffix\}$|/text$|/sheet$|/session/aftercare$")
"""Sounds, states and files; papers have no navigation."""


def test_no_page_is_left_out_of_the_list_of_pages() -> None:
    listed = {id(route) for route in (*pages.first, *pages.others())}
    for module in pkgutil.iter_modules(pages.__path__):
        routes = getattr(importlib.import_module(f"{pages.__name__}.{module.name}"), "routes", None)
        assert routes, f"{module.name}: has no routes, so it is no page"
        assert {id(route) for route in routes} <= listed, f"{module.name}: add it to web/pages/__init__.py"


def test_no_page_is_left_out_here() -> None:
    walked = [address.partition("?")[0] for address in addresses("/plans/7", "9")] + [
        "/plan/lacking/1",
        "/arcs/mine",
    ]
    for route in (*pages.first, *pages.others()):
        if "GET" in (route.methods or ()) and not NO_PAGES.search(route.path):
            assert any(map(route.path_regex.match, walked)), f"{route.path}: add it to `addresses`"


def test_no_page_and_no_state_has_a_fault_of_access(server, walk, kept):
    page = walk(server, "tablet", reduced_motion="reduce")
    plan = f"/plans/{kept[1]}"
    with Library(kept[0]) as opened:
        track = opened.candidates()[0].track.id

    def without_fault() -> None:
        """On a tablet in the dark, and at 400 % zoom by day."""
        for size, scheme in (("tablet", "dark"), ("zoomed", "light")):
            resize(page, *SIZES[size])
            page.emulate_media(color_scheme=scheme)
            until(page, f"matchMedia('(prefers-color-scheme: {scheme})').matches")
            try:
                accessible(page)
                operable(page)
            except AssertionError as error:
                raise AssertionError(f"{size}, {scheme}: {error}") from error

    lead_to_a_shortfall(page, server.address)
    without_fault()
    faults = []
    for address in addresses(plan, track):
        page.goto(server.address + address)
        cookie = "; ".join(f"{each['name']}={each['value']}" for each in page.context.cookies())
        status, *_ = server.ask("GET", address, Host=server.host, Cookie=cookie)
        if (status != 200) != (address in WRONG):
            faults.append(f"{address}: {status}")
        for summary in page.locator("main > details > summary").all():
            summary.click()
        try:
            without_fault()
        except AssertionError as error:
            faults.append(f"{address}, {error}")
    assert not faults, "\n".join(faults)
    moving = page.evaluate("getComputedStyle(document.querySelector('nav a')).transitionDuration")
    assert moving == "0s"


def test_a_plan_is_locked_swapped_and_taken_back_by_keyboard_alone(server, walk, kept):
    page = walk(server)
    page.goto(f"{server.address}/plans/{kept[1]}")
    tab_to(page, "svg.arc a.slot")
    page.keyboard.press("Enter")
    until(page, "document.activeElement.id === 'slot-0'")
    tab_to(page, "[data-key='lock-0']")
    page.keyboard.press("Space")
    page.locator("[data-key='lock-0'][aria-pressed=true]").wait_for()
    assert page.evaluate("document.activeElement.dataset.key") == "lock-0"  # the focus stays where it was
    tab_to(page, "[aria-label^='Swap ']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/swap/*")
    page.go_back()
    page.wait_for_url(re.compile(r"/plans/\w+(#.*)?$"))
    tab_to(page, "[data-key='undo']")
    page.keyboard.press("Enter")
    page.locator("[data-key='lock-0'][aria-pressed=false]").wait_for()
    assert page.locator("a.skip").evaluate(
        "each => { each.focus(); return each.getBoundingClientRect().top >= 0 }"
    )


def test_the_focus_stays_where_it_was_when_a_part_of_the_page_is_replaced(server, walk):
    page = walk(server)
    page.goto(f"{server.address}/music")
    tab_to(page, "[aria-label='Keep Cave Theme']")  # neither id nor key: by its label
    page.keyboard.press("Enter")
    page.locator("[aria-label='Keep Cave Theme'][aria-pressed=true]").wait_for()
    assert page.evaluate("document.activeElement.ariaLabel") == "Keep Cave Theme"
    page.keyboard.press("Enter")
    page.locator("[aria-label='Keep Cave Theme'][aria-pressed=false]").wait_for()
    tab_to(page, "th a[href*=loudness]")  # not even a label: by its place
    page.keyboard.press("Enter")
    page.locator("th[aria-sort=ascending] a[href*=loudness]").wait_for()
    assert "loudness" in page.evaluate("document.activeElement.textContent")


def test_a_swap_is_taken_a_point_of_an_arc_moved_and_no_key_leads_into_a_trap(server, walk, kept):
    page = walk(server)
    page.goto(f"{server.address}/plans/{kept[1]}/swap/1")
    before = page.locator("h2").first.inner_text()
    tab_to(page, "[aria-label^='Take ']")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/plans/\w+(#.*)?$"))
    assert page.evaluate("document.activeElement.id") == "main"
    page.goto(f"{server.address}/plans/{kept[1]}/swap/1")
    assert page.locator("h2").first.inner_text() != before
    page.goto(f"{server.address}/arcs?from=montreal")
    tab_to(page, "[name=name]")
    page.keyboard.type("By keys")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="By keys").wait_for()
    tab_to(page, ".curve [role=slider]")
    page.keyboard.press("Shift+ArrowUp")
    page.get_by_text("Not saved yet.").wait_for()
    assert page.evaluate("document.activeElement.dataset.point") == "0"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.point") != "0"
    tab_to(page, "[name=do][value=save]")
    page.keyboard.press("Enter")
    page.get_by_text("Saved.", exact=True).wait_for()


def test_the_states_between_pages_have_no_fault_either_and_are_come_to_by_keys_alone(
    start, walk, demo_folder, demo_made, tmp_path
):
    made: list[str] = []

    def prepare(home: Path) -> None:
        data = home / "xdg_data_home" / "playlistkit"
        (data / "templates").mkdir(parents=True)
        demo = (Path(playlistkit.__file__).parent / "demo" / "demo.yaml").read_text(encoding="utf-8")
        miniature = re.sub(r"(    energy: .*\n)", r"\1    vocals: none\n", demo)
        (data / "templates" / "Miniature.yaml").write_text(miniature, encoding="utf-8")
        shutil.copy(demo_folder / "library.db", data / "library.db")
        with Library(data / "library.db") as opened:
            made.append(plans.keep(opened, demo_made.plan, client="Heron-7731"))
            plans.remember(opened, made[0])
            for each in demo_made.plan.slots[:2]:
                opened.set_features(each.track.id, {"vocals": "unknown"}, "set")

    server = start(None, prepare=prepare, PLAYLISTKIT_PLAY_DEVICE="null:1")
    (plan,) = made
    page = walk(server, "tablet", reduced_motion="reduce")

    def press(selector: str, key: str = "Enter") -> None:
        tab_to(page, selector)
        page.keyboard.press(key)

    def without_fault() -> None:
        accessible(page)
        operable(page)

    page.goto(f"{server.address}/voices?template=Miniature")
    page.get_by_role("heading", level=2).wait_for()
    without_fault()
    waiting = int(page.get_by_text(re.compile(r"^\d+ to decide")).inner_text().split()[0])
    for left, key in zip(range(waiting - 1, -1, -1), itertools.cycle("ln"), strict=False):
        page.keyboard.press(key)
        page.get_by_text(f"{left} to decide" if left else "Every voice that").first.wait_for()
    press("form[action^='/again'] button")  # for those left for later
    press("[value=none]")
    until(
        page,
        "!document.querySelector('[data-key=answer-none]') || document.activeElement.dataset.key === 'answer-none'",
    )

    page.goto(f"{server.address}/plans/{plan}")
    press("[data-key='lock-3']", "Space")
    page.locator("[data-key='lock-3'][aria-pressed=true]").wait_for()
    press("form[action$=anew] button")
    page.get_by_text("No other tracks were found").wait_for()  # a job that failed
    without_fault()
    press("form[action$=dismiss] button")
    page.goto(f"{server.address}/plans/{plan}/listen")
    press("[data-key='change-0']")
    page.get_by_role("link", name="Swap 1").wait_for()
    press("[data-play]")
    page.get_by_role("region", name="Player").wait_for()
    without_fault()  # with the player at the foot

    page.goto(f"{server.address}/plans/{plan}/session")
    press("[data-key=look]")
    page.get_by_text("In order:").first.wait_for()
    without_fault()

    lead_to_a_shortfall(page, server.address, "phases")
    without_fault()
    press("[name=way]")
    page.wait_for_url(re.compile(r"/plan/lacking/2|/plans/\w+"))

    table = tmp_path / "table.csv"
    table.write_text("Title,Artist,Tempo\nSlow Water,Ana Ruiz,62\nFast Water,Ana Ruiz,ninety\n")
    page.goto(f"{server.address}/music/table")
    page.locator("[type=file]").set_input_files(table)
    press("form[enctype] button")
    page.get_by_text(re.compile(r"^\d+ rows to look at")).wait_for()
    press("main summary")
    without_fault()

    page.goto(f"{server.address}/arcs?from=montreal")
    tab_to(page, "[name=name]")
    page.keyboard.type("By keys")
    press("form[action='/arcs'] button")
    page.get_by_role("heading", name="By keys").wait_for()
    press("[data-key^=later-]")
    page.get_by_text("Not saved yet.").wait_for()
    press("input[inputmode=decimal]", "Control+A")
    page.keyboard.type("nonsense")
    page.get_by_text("Correct this before you plan with it:").wait_for()
    without_fault()
    press("[data-key=save]")
    page.get_by_text("Saved; correct its").wait_for()

    page.goto(f"{server.address}/clients")
    press("[id$=forget] summary")
    without_fault()
    press("[id$=forget] button")
    page.get_by_text("Forgotten.").wait_for()

    used = server.ticket()
    for _ in range(2):
        page.goto(used)
    page.get_by_role("heading", name="This address has already been used").wait_for()
    accessible(page)
    page.goto(f"{server.address}/")
    press("form[action='/close'] button")
    page.get_by_text("You can close this window").or_(page.locator("h1")).first.wait_for()
    page.wait_for_url("**/close")
    accessible(page)
