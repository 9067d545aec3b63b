"""The shipped protocols: sound, sourced, and as long as they say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from playlistkit import template as reader
from playlistkit.errors import InputError, TemplateError
from playlistkit.model import PHASES, Template
from playlistkit.template.keys import PHASE, RULES, VARIANT
from playlistkit.workflow.templates.finding import load_template

ROOT = Path(__file__).parents[2]
FILES = (ROOT / "phases.yaml", *sorted((ROOT / "playlistkit" / "templates").glob("*.yaml")))
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in FILES}
TEMPLATES = {name: reader.parse(text, f"{name}.yaml") for name, text in TEXTS.items()}
BUILT = {name: template for name, template in TEMPLATES.items() if template.build}
EVIDENCE = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
KEYS = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
STRENGTHS = {"label", "good", "fair", "plausible", "weak", "practice", "case", "founding", "judgement"}

MINUTES = {
    "phases": 180, "ketamine-sublingual-deep": 180, "ketamine-im": 120, "ketamine-iv": 105,
    "esketamine-intranasal": 135, "ketamine-group": 210, "montreal": 55, "psilocybin": 390, "mdma": 480,
    "lsd": 600, "integration": 45,
}  # fmt: skip
VARIANTS = (
    "anxious", "trauma-history", "blood-pressure", "first-session", "deepening-session", "sound-sensitive",
    "hard-patch",
)  # fmt: skip

built = pytest.mark.parametrize("template", BUILT.values(), ids=BUILT.keys())
every = pytest.mark.parametrize("name", TEMPLATES)


def explained() -> dict[str, str]:
    """The tags of docs/evidence.md and their strength."""
    rows = re.findall(r"^\| `([^`]+)` \| [^|]+ \| (\w+) \| [^|]+ \|$", EVIDENCE, flags=re.MULTILINE)
    assert len(rows) == len({tag for tag, _ in rows}), "a tag is explained twice"
    return dict(rows)


def unsourced(values: Mapping[str, object], keys: tuple[str, ...], where: str) -> Iterator[str]:
    """The keys of a mapping that have a value and no source."""
    evidence = values.get("evidence", {})
    assert isinstance(evidence, dict)
    for key in keys:
        if (key in values) != (key in evidence):
            yield f"{where}: {key}"


@pytest.mark.parametrize(("name", "minutes"), MINUTES.items())
def test_a_protocol_lasts_as_long_as_its_session(name: str, minutes: float) -> None:
    assert BUILT[name].minutes == minutes


def test_these_protocols_are_built_and_no_others() -> None:
    assert set(BUILT) == set(MINUTES)
    assert set(TEMPLATES) - set(BUILT) == {"ayahuasca", "5-meo-dmt"}


@pytest.mark.parametrize("name", ["ayahuasca", "5-meo-dmt"])
def test_what_is_not_built_says_why(name: str) -> None:
    note = TEMPLATES[name].note
    assert note is not None
    assert note.startswith("No playlist is assembled for this.")


@every
def test_every_value_names_its_source(name: str) -> None:
    values = yaml.safe_load(TEXTS[name])
    lacking = [
        lack
        for phase in values["phases"]
        for lack in unsourced(phase, PHASE.sourced, f"phase {phase['name']}")
    ]
    lacking += unsourced(values.get("rules", {}), RULES.sourced, "rules")
    for variant, changes in values.get("variants", {}).items():
        lacking += unsourced(changes, VARIANT.sourced, f"variant {variant}")
    assert lacking == []


def tags(template: Template) -> set[str]:
    maps = [*(phase.evidence for phase in template.phases), template.rules.evidence]
    maps += [variant.evidence for variant in template.variants]
    return {tag for each in maps for tags in each.values() for tag in tags} | set(template.sources)


def test_every_tag_is_explained_with_its_strength_and_every_explanation_is_used() -> None:
    used = set().union(*(tags(template) for template in TEMPLATES.values()))
    assert set(explained()) == used
    assert set(explained().values()) <= STRENGTHS


def test_the_limits_of_what_is_known_come_first() -> None:
    first = EVIDENCE.split("\n\n")[1].replace("\n", " ")
    for said in ("Music organises a session", "No trial shows that one arc serves better", "weak support"):
        assert said in first
    assert "A session without music is a choice of equal rank" in first


@every
def test_a_protocol_states_its_zero_its_sources_and_what_the_room_does(name: str) -> None:
    template = TEMPLATES[name]
    assert template.id == name
    assert template.zero
    assert template.note
    assert template.sources
    assert all(phase.note for phase in template.phases)
    assert [phase.stands_for for phase in template.phases] == sorted(
        (phase.stands_for for phase in template.phases), key=PHASES.index
    )


@built
def test_nothing_is_odd_about_a_protocol_nor_its_variants(template: Template) -> None:
    assert reader.oddities(template) == []
    for variant in template.variants:
        odd = [
            each for each in reader.oddities(reader.vary(template, [variant.name])) if each.kind != "variant"
        ]
        assert odd == [], variant.name


@built
def test_a_protocol_has_the_variants(template: Template) -> None:
    names = tuple(variant.name for variant in template.variants)
    assert names == (
        VARIANTS if template.id != "integration" else ("anxious", "trauma-history", "sound-sensitive")
    )


@built
def test_a_variant_reads_as_sentences(template: Template) -> None:
    for variant in template.variants:
        for line in reader.describe_variants(template, [variant.name])[1:]:
            assert line[0].isupper()
            assert line.endswith(".")


@built
def test_the_arc_hardly_rises_around_a_reading_with_the_blood_pressure_variant(template: Template) -> None:
    if template.id == "integration":
        return
    varied = reader.vary(template, ["blood-pressure"])
    assert any(phase.hold for phase in varied.phases)
    assert not [each for each in reader.oddities(varied) if each.kind == "hold"]


@pytest.mark.parametrize(
    "name", ["ketamine-im", "ketamine-iv", "phases", "esketamine-intranasal", "montreal"]
)
def test_ketamine_marks_the_reading_40_minutes_after_the_dose(name: str) -> None:
    minute = 0.0
    for phase in TEMPLATES[name].phases:
        if phase.stands_for == "arrival":
            continue
        if phase.hold is not None:
            assert abs(minute + phase.hold.minute - 40) <= 5
            return
        minute += phase.minutes.default
    raise AssertionError("no hold")


def test_esketamine_is_observed_for_120_minutes_after_the_dose() -> None:
    template = TEMPLATES["esketamine-intranasal"]
    assert sum(phase.minutes.default for phase in template.phases if phase.name != "arrival") >= 120


@every
def test_no_protocol_speaks_of_healing(name: str) -> None:
    assert not re.search(r"\b(heal|cure|treats?\b|remed)", TEXTS[name], flags=re.IGNORECASE)


def test_the_worked_example_of_the_docs_holds() -> None:
    copy = reader.commented_copy(TEXTS["phases"], "mine")
    number = (
        next(index for index, line in enumerate(copy.splitlines(), 1) if line.strip() == "- name: peak") + 1
    )
    lines = copy.splitlines()
    lines[number - 1] = lines[number - 1].replace("minutes", "minuets")
    with pytest.raises(TemplateError) as caught:
        reader.parse("\n".join(lines), "mine.yaml")
    told = next(fault for fault in caught.value.faults if "minuets" in fault)
    assert told in KEYS


def snippets(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", KEYS, flags=re.MULTILINE | re.DOTALL)


def test_the_variant_that_the_docs_teach_is_one() -> None:
    (taught,) = (snippet for snippet in snippets("yaml") if snippet.startswith("variants:"))
    template = reader.parse(TEXTS["phases"].split("\nvariants:")[0] + f"\n{taught}")
    tired = reader.vary(template, ["tired"])
    assert [phase.minutes.default for phase in tired.phases] == [50, 15, 40, 40, 40]


def test_the_phase_lines_that_the_docs_teach_stand_in_the_default_template() -> None:
    bare = {re.sub(r"\s*#.*", "", line).strip() for line in TEXTS["phases"].splitlines()}
    taught = [snippet for snippet in snippets("yaml") if snippet.startswith((" ", "    "))]
    for snippet in taught:
        for line in snippet.splitlines():
            wanted = re.sub(r"\s*#.*", "", line).strip()
            assert wanted in bare, wanted


def test_the_python_of_the_docs_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = snippets("python")
    exec(code, {"text": TEXTS["phases"]})
    assert capsys.readouterr().out.rstrip().endswith("'grounding']")


def test_a_folder_named_like_a_protocol_does_not_hide_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ketamine-im").mkdir()
    (tmp_path / "another").mkdir()
    monkeypatch.chdir(tmp_path)
    assert load_template("ketamine-im").minutes == 120
    with pytest.raises(InputError, match="another: is a folder; name the template's file in it"):
        load_template("another")
