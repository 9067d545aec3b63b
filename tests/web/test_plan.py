"""A plan on the page: choices, building, what is lacking and what to do about it, locks and history."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import made_music
import pytest

from playlistkit.library import Library
from playlistkit.workflow.planning import plans
from playlistkit.workflow.templates.finding import load_template

from .conftest import accessible, operable, tab_to, until


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    made_music.keep(folder, made_music.following(load_template("montreal"), times=4)).close()
    return folder / "library.db"


@pytest.fixture(scope="module")
def server(start, library):
    return start(library)


def built(page, address) -> str:
    """Plan the programme of 55 minutes; the plan's address."""
    page.goto(f"{address}/plan/new/montreal")
    page.get_by_role("button", name="Build").click()
    page.wait_for_url("**/plans/*")
    return page.url


def test_a_protocol_that_is_never_assembled_says_why(server, walk):
    page = walk(server)
    page.goto(f"{server.address}/plan")
    assert page.get_by_text("The studied condition is live song").is_visible()
    assert not page.get_by_role("link", name="Plan Ayahuasca").count()
    page.goto(f"{server.address}/plan/new/ayahuasca")
    assert not page.get_by_role("button", name="Build").count()


def test_a_plan_is_made_for_what_plays_it_here_unless_another_player_is_chosen(server, walk):
    page = walk(server)
    page.goto(f"{server.address}/plan/new/phases")
    assert page.get_by_role("radio", name="playlistkit itself").is_checked()
    page.get_by_role("radio", name="an ordinary file player").check()
    until(page, "document.querySelector('#drawn [name=player]').value === 'files'")


def test_a_variant_redraws_the_arc_at_once_and_says_what_it_changes(server, walk):
    page = walk(server)
    page.goto(f"{server.address}/plan/new/phases")
    page.get_by_label("Client alias").fill("Heron-7731")
    before = page.locator("#drawn svg").inner_html()
    page.get_by_role("checkbox", name=re.compile("^anxious")).check()
    page.get_by_text("The music is calmer").wait_for()
    assert page.locator("#drawn svg").inner_html() != before
    page.locator("#choices input[name='minutes-peak']").fill("500")
    page.locator("#drawn").get_by_role("alert").wait_for()
    page.locator("#choices input[name='minutes-peak']").fill("40")
    page.get_by_text("40 min").first.wait_for()
    assert page.get_by_label("Client alias").input_value() == "Heron-7731"
    assert "Heron" not in page.url
    assert "variant=anxious" in page.url


@pytest.mark.parametrize(
    ("label", "typed", "told"),
    [("Crossfade", "six", "should be seconds"), ("Variation", "1.5", "should be a whole number")],
)
def test_a_number_that_can_t_be_read_is_told_and_not_left_out(server, walk, label, typed, told):
    page = walk(server)
    page.goto(f"{server.address}/plan/new/montreal")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    page.get_by_label(label).fill(typed)
    page.get_by_role("button", name="Build").click()
    page.get_by_text(told).wait_for()
    assert "/plans/" not in page.url


def test_a_plan_is_built_and_its_arc_is_alive(server, walk):
    page = walk(server)
    built(page, server.address)
    slots = page.locator("svg.arc a.slot")
    assert slots.count() >= 8
    slots.nth(3).press("Enter")
    assert page.evaluate("document.activeElement.id") == "slot-3"
    assert re.match(r"4\. Artist \d+ – Piece \d+", slots.nth(3).get_attribute("aria-label"))
    assert page.get_by_text("0 is perfect").is_visible()


def test_a_lock_is_kept_and_taken_back_and_done_again(server, walk):
    page = walk(server)
    built(page, server.address)
    first = page.get_by_role("button", name=re.compile("^Lock ")).first
    first.click()
    page.get_by_text("Locked “").wait_for()
    assert first.get_attribute("aria-pressed") == "true"
    page.reload()
    assert first.get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="Undo").click()
    page.locator("[aria-pressed=false][name=locked]").first.wait_for()
    page.get_by_role("button", name="Redo").click()
    page.get_by_text("Locked “").wait_for()
    assert page.get_by_role("button", name="Redo").is_disabled()


def test_the_rest_is_planned_anew_around_what_is_locked(server, walk, library):
    page = walk(server)
    plan = built(page, server.address).rpartition("/")[2]
    tab_to(page, "[data-key='lock-4']")  # by keys alone
    page.keyboard.press("Space")
    page.locator("[data-key='lock-4'][aria-pressed=true]").wait_for()
    tab_to(page, "form[action$=anew] button")
    page.keyboard.press("Enter")
    page.get_by_text("Planned again.", exact=True).wait_for()
    page.get_by_text("Planned the rest again around 1 locked").wait_for()
    accessible(page)  # with a sentence that can be taken back
    operable(page)
    with Library(library) as opened:
        now = plans.kept(opened, plan)
        plans.undo(opened, plan)
        before = plans.kept(opened, plan)
    locked = before.plan.slots[4]
    (stays,) = (slot for slot in now.plan.slots if slot.track.id == locked.track.id)
    assert stays.phase == locked.phase
    assert stays.start < locked.start + locked.duration / 2 < stays.end
    assert [slot.track.id for slot in now.plan.slots] != [slot.track.id for slot in before.plan.slots]


def test_a_client_is_known_from_then_on_and_stands_in_no_address_and_no_title(server, walk, library):
    page = walk(server)
    page.goto(f"{server.address}/plan/new/montreal")
    page.get_by_label("Client alias").fill("Heron-7731")
    page.get_by_role("button", name="Build").click()
    page.wait_for_url("**/plans/*")
    page.get_by_role("button", name="Remember it as heard by Heron-7731").click()
    page.get_by_text("remembered as session 1").wait_for()
    assert "Heron" not in page.url + page.title()
    with Library(library) as opened:
        assert len(opened.clients.sessions("Heron-7731")) == 1
    page.go_back()
    assert "Heron" not in page.url + page.title()


def test_a_wrong_choice_is_told_on_the_form_with_nothing_lost(server, walk):
    page = walk(server)
    page.goto(f"{server.address}/plan/new/montreal")
    page.get_by_text("Tracks that must be there").click()
    page.get_by_label("Must be there").fill("No Such Piece")
    page.get_by_role("button", name="Build").click()
    page.get_by_text("the library has no track 'No Such Piece'").wait_for()
    assert page.get_by_label("Must be there").input_value() == "No Such Piece"


def test_a_shortfall_is_a_screen_to_act_on(start, walk, tmp_path):
    template = load_template("montreal")
    few = made_music.following(template, times=0.75)
    longest = template.rules.track_minutes.high or 0.0
    long = replace(few[-1].track, id="long", title="Long Piece", artist="Nobody", duration=longest * 60 * 1.2)
    few.append(replace(few[-1], track=long))
    with made_music.keep(tmp_path, few) as library:
        library.set_features(few[0].track.id, {"vocals": "unknown"}, "set")
    page = walk(start(tmp_path / "library.db"))
    page.goto(page.url + "plan/new/montreal")
    page.get_by_role("button", name="Build").click()
    page.get_by_role("heading", name="Your library can’t fill this yet").wait_for()
    accessible(page)
    assert page.get_by_text("Nothing is given up.").first.is_visible()
    page.get_by_role("link", name="Listen and decide").click()
    page.get_by_role("heading", name=few[0].track.title).wait_for()
    accessible(page)
    page.keyboard.press("n")
    page.get_by_text("is decided.").wait_for()
    page.get_by_role("button", name="Plan again").click()
    page.wait_for_url("**/plan/lacking/2")
    assert not page.get_by_role("link", name="Listen and decide").count()
    page.get_by_text("that nearly fit").click()
    box = page.get_by_role("checkbox", name=long.title)
    assert page.get_by_text("tracks may last").first.is_visible()
    accessible(page)
    box.check()
    page.get_by_role("button", name="Use the ticked ones").click()
    page.wait_for_url("**/plan/lacking/3")
    page.goto(page.url.replace("/3", "/1"))
    ways = page.get_by_role("button", name="Take the shorter minutes")
    assert ways.count() == 1
    ways.click()
    page.wait_for_url(re.compile(r"/plans/|/plan/lacking/4"))
