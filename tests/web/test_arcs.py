"""A protocol of one's own: copied, changed in a form with no YAML in sight, planned by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from playlistkit.errors import InputError
from playlistkit.library import Library
from playlistkit.workflow.templates import parts
from playlistkit.workflow.templates.edit import edited
from playlistkit.workflow.templates.finding import load_template, parse_template, shipped_names, template_text
from playlistkit.workflow.templates.form import form_of

from .conftest import accessible, until


@pytest.fixture(scope="module")
def server(start, tmp_path_factory):
    library = tmp_path_factory.mktemp("library") / "library.db"
    Library(library).close()
    return start(library)


def saved(server, name: str) -> Path:
    return server.home / "xdg_data_home" / "playlistkit" / "templates" / f"{name}.yaml"


def test_a_protocol_is_copied_and_changed_by_keyboard_and_the_commands_read_it(server, walk):
    page = walk(server)
    page.goto(f"{server.address}/arcs?from=phases")
    accessible(page)
    page.get_by_label("Its name").fill("Abend")
    page.get_by_label("Its name").press("Enter")
    page.get_by_role("heading", name="Abend").wait_for()
    accessible(page)
    before = page.locator("#drawn svg").inner_html()
    page.get_by_role("slider", name="Point 1").first.focus()
    page.keyboard.press("Shift+ArrowUp")
    page.get_by_text("Not saved yet.").wait_for()
    until(page, f"document.querySelector('#drawn svg').innerHTML.length !== {len(before)}")
    assert page.locator("[data-curve='curve-phases.0.energy']").input_value() == "0 0.22, 1 0.15"
    page.get_by_label("arrival tempo from").fill("500")  # a fault stands beside its field
    page.locator("[id='told-phases.0.tempo']").get_by_text("is not 20 to 300").wait_for()
    page.get_by_label("arrival tempo from").fill("40")
    until(page, "!document.querySelector('[id=\"told-phases.0.tempo\"]').textContent.trim()")
    page.once("dialog", lambda dialog: dialog.dismiss())
    with page.expect_event("dialog") as asked:  # leaving what isn't saved is asked about
        page.get_by_role("link", name="Clients").click()
    assert asked.value.type == "beforeunload"
    until(page, "document.querySelector('[data-unsaved]')")
    page.get_by_role("button", name="Move arrival later").click()
    until(page, "document.querySelector('#part-phase-1 h2').textContent === 'arrival'")
    page.get_by_role("button", name="Save", exact=True).press("Enter")
    page.get_by_text("Saved.", exact=True).wait_for()
    template = load_template(saved(server, "Abend"))
    assert [phase.name for phase in template.phases][:2] == ["onset", "arrival"]
    assert template.phases[1].energy == ((0.0, 0.22), (1.0, 0.15))
    assert template.phases[1].evidence["energy"] == ("judgement",)
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone.").wait_for()
    assert load_template(saved(server, "Abend")).phases[0].name == "arrival"
    page.goto(f"{server.address}/plan/new/Abend")
    page.get_by_role("heading", name="my version").wait_for()


def test_the_text_can_be_edited_and_its_faults_are_told(server, walk):
    page = walk(server, "phone", color_scheme="dark")
    page.goto(f"{server.address}/arcs")
    page.get_by_label("Copy of").select_option("montreal")
    page.get_by_label("Its name").fill("Text")
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("heading", name="Text").wait_for()
    accessible(page)
    page.get_by_role("link", name="The text").click()
    accessible(page)
    box = page.get_by_label("The file, as the commands read it")
    box.fill(box.input_value().replace("minutes:", "minuets:", 1))
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").get_by_text("did you mean 'minutes'?").wait_for()
    assert "minuets" in saved(server, "Text").read_text()
    page.goto(f"{server.address}/arcs")
    page.get_by_text("It has faults").wait_for()
    page.get_by_role("button", name="Delete Text").click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone.").wait_for()
    assert saved(server, "Text").exists()


@pytest.mark.parametrize("name", shipped_names())
def test_a_form_without_a_change_leaves_the_text_to_the_letter(name):
    text, origin = template_text(name)
    form = form_of(text, origin)
    assert not form.faults
    assert edited(text, form.fields, origin) == text
    every = [row.key for section in form.sections if section.kind == "phase" for row in section.rows]
    assert {"minutes", "energy", "hold", "vocals"} <= set(every)


def test_a_change_keeps_the_comments_and_makes_its_evidence_a_judgement():
    text, origin = template_text("phases")
    changed = edited(text, {"phases.2.minutes.default": "50", "rules.join.loudness_up": "2,5"}, origin)
    assert [line for line in changed.splitlines() if line not in text.splitlines()] == [
        "    minutes: {default: 50, min: 30, max: 60}",
        "      minutes: judgement",
        "    loudness_up: 2.5              # LU that a track may begin louder than the last one ended",
        "    join: judgement",
    ]
    template = parse_template(changed, origin)
    assert template.phases[2].evidence["minutes"] == ("judgement",)
    assert template.phases[1].evidence == parse_template(text, origin).phases[1].evidence


def test_a_phase_that_is_renamed_stays_the_one_that_variants_mean():
    text, origin = template_text("phases")
    template = parse_template(edited(text, {"phases.0.name": "Ankommen"}, origin), origin)
    assert template.phases[0].stands_for == "arrival"
    assert any("Ankommen" in variant.minutes for variant in template.variants)


@pytest.mark.parametrize("name", shipped_names())
def test_phases_move_with_their_comments_and_every_change_can_be_read(name):
    text, origin = template_text(name)
    template = parse_template(text, origin)
    if len(template.phases) > 1:
        moved = parts.move_phase(text, 0, 1, origin)
        assert parts.move_phase(moved, 1, -1, origin) == text
        assert [phase.name for phase in parse_template(moved, origin).phases][:2] == [
            template.phases[1].name,
            template.phases[0].name,
        ]
        fewer = parse_template(parts.remove_phase(text, 0, origin), origin)
        assert fewer.phases == template.phases[1:]
    else:
        with pytest.raises(InputError):
            parts.remove_phase(text, 0, origin)
    more = parse_template(parts.add_phase(text, 0, origin), origin)
    assert len(more.phases) == len(template.phases) + 1
    assert more.phases[1].energy == template.phases[0].energy
