"""The session sheet: what is on it, that nothing gets out of it, and how it prints."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import html
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from web.conftest import CHROMIUM

from playlistkit import report
from playlistkit.model import Plan
from playlistkit.report.words import flagged_joins

browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


class Page(HTMLParser):
    """The page's tags with their attributes, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture(scope="module")
def sheet(three_hours: Plan) -> str:
    return report.sheet_html(three_hours)


def test_all_that_a_session_needs_is_on_it(sheet: str, three_hours: Plan) -> None:
    words = " ".join(Page(sheet).words.split())
    for slot in (*three_hours.slots, *three_hours.tail):
        assert (slot.track.title or "") in words
        assert (slot.track.artist or "") in words
    for phase in three_hours.template.phases:
        assert (phase.note or "") in words
    for expected in (
        "Ketamine, sublingual lozenge, psycholytic dose", "first session, sound-sensitive", "1:05:04",
        "zero: the lozenge goes under the tongue", "Joins to check by ear", "3.6 LU louder", "Grounding now",
        "In reserve", "Held", "Crossfade off", "Within 2.0 % of the best possible", "Notes", "not known",
        "0:20:00, first blood pressure reading", "energy 0.11 fits the target", "client", "4 s late",
        "Set the volume while track 16",
    ):  # fmt: skip
        assert expected in words, expected


def test_it_is_one_file_without_an_outside_reference(sheet: str) -> None:
    for tag, attributes in Page(sheet).tags:
        assert tag not in ("iframe", "object", "embed", "base", "form"), tag
        for name, value in attributes.items():
            if name in ("src", "href", "xlink:href", "action", "srcset"):
                assert value is not None
                assert value.startswith(("#", "data:,")), (tag, name, value)
            assert not name.startswith("on"), (tag, name)
    assert not re.search(r"url\(\s*['\"]?(?!#)", sheet)
    assert "@import" not in sheet


def test_its_only_script_fills_the_clock_and_no_other_may_run(sheet: str) -> None:
    (script,) = re.findall(r"<script>(.*?)</script>", sheet, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(html.unescape(script).encode()).digest()).decode()
    (policy,) = (tag["content"] for name, tag in Page(sheet).tags if tag.get("http-equiv"))
    assert (
        policy
        == f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'"
    )


def test_a_track_in_reserve_is_listed_once_with_every_phase_it_would_do_for(three_hours: Plan) -> None:
    spare = three_hours.reserves["peak"][0]
    reserves = {"onset": (spare,), "peak": (spare,), "return": (spare,)}
    words = Page(report.sheet_html(dataclasses.replace(three_hours, reserves=reserves))).words
    listed = " ".join(words[words.index("In reserve") :].split())
    assert listed.count(spare.track.title or "") == 1
    assert "for onset , peak , return" in listed.replace(",", " ,")


def test_the_energy_of_a_reserve_is_what_would_be_heard_in_its_phase(three_hours: Plan) -> None:
    spare = three_hours.reserves["peak"][0]
    features = dataclasses.replace(spare.features, energy=0.4, loudness=-16.0, true_peak=-12.0)
    template = three_hours.session.template
    quiet = {"onset": -34.0, "peak": -16.0}
    phases = tuple(
        dataclasses.replace(each, loudness=quiet.get(each.name, each.loudness)) for each in template.phases
    )
    session = dataclasses.replace(
        three_hours.session, template=dataclasses.replace(template, phases=phases), player="render"
    )
    spare = dataclasses.replace(spare, features=features)
    plan = dataclasses.replace(three_hours, session=session, reserves={"onset": (spare,), "peak": (spare,)})
    words = " ".join(Page(report.sheet_html(plan)).words.split())
    (low, high) = re.search(r"energy (0\.\d\d) or (0\.\d\d) ?: for onset", words).groups()  # type: ignore[union-attr]
    assert float(high) == pytest.approx(0.4, abs=0.01)
    assert float(low) < 0.35


def test_the_beginning_fills_the_clock_of_every_row_and_reading(three_hours: Plan) -> None:
    page = Page(report.sheet_html(three_hours, begin=(13 * 60 + 50) * 60.0))
    words = " ".join(page.words.split())
    assert "14:10 0:20:00, first blood pressure reading" in words
    for slot in three_hours.slots[:5]:
        hour, minute = divmod(int((50_000 - 200 + slot.start) // 60), 60)
        assert f"{hour:02}:{minute:02}{report.words.clock(slot.start)}" in words


def test_a_reading_is_marked_where_it_falls(three_hours: Plan) -> None:
    words = " ".join(Page(report.sheet_html(three_hours)).words.split())
    playing = next(slot for slot in three_hours.slots if slot.start <= 1200 < slot.end - slot.overlap)
    assert f"{playing.track.title} {playing.track.artist} ✚ 0:20:00" in words


def test_it_is_small(sheet: str) -> None:
    assert len(sheet.encode()) < 400_000


HOSTILE = (
    "<script>alert(1)</script>", "</style><script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}", "{% raw %}",
    "]]><svg onload=alert(1)>", "--><b>", "&lt;b&gt;", "var(--ink)", "</td></tr></table>", "\x00\x1b[2J\udc80\u202e",
)  # fmt: skip


def with_words(plan: Plan, words: tuple[str, ...]) -> Plan:
    """The plan with `words` wherever tags, files, templates and people bring words in."""
    slots = tuple(
        dataclasses.replace(
            slot, track=dataclasses.replace(slot.track, title=word, artist=word), reason=word, bends=(word,)
        )
        for slot, word in zip(plan.slots, words * len(plan.slots), strict=False)
    )
    every = " ".join(words)
    template = dataclasses.replace(plan.template, name=every, zero=every)
    session = dataclasses.replace(plan.session, template=template, variants=words)
    return dataclasses.replace(plan, name=every, session=session, slots=slots, warnings=words)


def test_no_tag_or_name_of_a_file_adds_an_element(three_hours: Plan) -> None:
    hostile = report.sheet_html(with_words(three_hours, HOSTILE))
    harmless = report.sheet_html(with_words(three_hours, tuple(f"harmless {k}" for k in range(len(HOSTILE)))))
    hostile.encode("utf-8")
    assert [tag for tag, _ in Page(hostile).tags] == [tag for tag, _ in Page(harmless).tags]
    words = Page(hostile).words
    assert "<script>alert(1)</script>" in words
    assert "{{ 7 * 7 }}" in words


def test_what_to_set_depends_on_the_player(three_hours: Plan) -> None:
    session = dataclasses.replace(three_hours.session, player="spotify", overlap=6.0)
    words = Page(report.sheet_html(dataclasses.replace(three_hours, session=session))).words
    assert "Crossfade 6 s." in words
    assert "Normalise volume on" in words


def test_gains_are_listed_where_there_are_any(three_hours: Plan, sheet: str) -> None:
    assert (
        "gain"
        not in re.sub(r"<style.*?</style>", "", sheet, flags=re.DOTALL)
        .split("</thead>")[0]
        .split("<thead>")[1]
    )
    slots = tuple(dataclasses.replace(slot, gain=-2.5) for slot in three_hours.slots)
    assert "-2.5" in Page(report.sheet_html(dataclasses.replace(three_hours, slots=slots))).words


def chromium(folder: Path, sheet: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Opens the sheet in a browser."""
    assert CHROMIUM is not None
    (folder / "sheet.html").write_text(sheet, encoding="utf-8")
    return subprocess.run(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions",
            "--enable-logging=stderr", "--v=0", f"--user-data-dir={folder / 'profile'}", *options,
            (folder / "sheet.html").as_uri(),
        ],
        capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip


def pages(pdf: Path) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf.read_bytes()))


@browser
def test_it_prints_on_at_most_two_pages_and_the_browser_has_nothing_to_say(
    three_hours: Plan, tmp_path: Path
) -> None:
    pdf, log = tmp_path / "sheet.pdf", tmp_path / "net.json"
    long = "Energy 0.68, 0.04 above the curve's 0.64; follows Apex Aleph with a change (+0.4 LU, energy step 0.04); preferred to Hyperspace."
    sheet = report.sheet_html(
        dataclasses.replace(
            three_hours, slots=tuple(dataclasses.replace(each, reason=long) for each in three_hours.slots)
        )
    )
    said = chromium(
        tmp_path, sheet, f"--print-to-pdf={pdf}", "--no-pdf-header-footer", f"--log-net-log={log}"
    )
    assert "CONSOLE" not in said.stderr
    assert 1 <= pages(pdf) <= 2
    requested = set(re.findall(r'"url":"((?:https?|wss?|ftp)://[^"]*)"', log.read_text(errors="replace")))
    # the browser's own errands, not the page's
    own = re.compile(r"https?://([\w.-]+\.)?(google|googleapis|gstatic|gvt1)\.com/")
    assert [url for url in requested if not own.match(url)] == []


@browser
def test_sixty_tracks_and_twenty_warnings_print_on_three_pages(three_hours: Plan, tmp_path: Path) -> None:
    pdf = tmp_path / "sheet.pdf"
    slots = tuple(
        dataclasses.replace(
            slot, reason="Energy 0.28, on the curve; follows another smoothly (+0.4 LU, energy step 0.04)."
        )
        for slot in three_hours.slots * 2
    )
    warnings = tuple(
        f"Remark {k}: something that is to be known of the peak, in a sentence." for k in range(20)
    )
    chromium(
        tmp_path,
        report.sheet_html(dataclasses.replace(three_hours, slots=slots, warnings=warnings)),
        f"--print-to-pdf={pdf}",
        "--no-pdf-header-footer",
    )
    assert pages(pdf) <= 3


@browser
@pytest.mark.parametrize("width", [390, 1200])
def test_nothing_sticks_out_at_the_side(width: int, sheet: str, tmp_path: Path) -> None:
    # a headless window is at least 500 pixels wide, a frame as narrow as it is told to be
    told = "document.documentElement.scrollWidth > innerWidth ? 'WIDE' : 'FITS'"
    assert title_in_a_frame(sheet, width, f"document.title = {told}", tmp_path) == "FITS"


@browser
def test_a_beginning_typed_on_the_screen_fills_the_clock(sheet: str, tmp_path: Path) -> None:
    typed = (
        "const typed = document.getElementById('begin'); typed.value = '23:30'; typed.dispatchEvent(new Event('input'));"
        "document.title = [...document.querySelectorAll('.readings b, td.clock')].slice(0, 3).map((each) => each.textContent)"
    )
    assert title_in_a_frame(sheet, 900, typed, tmp_path) == "23:50,23:30,23:37"


def title_in_a_frame(sheet: str, width: int, script: str, folder: Path) -> str:
    """What a script makes of the sheet's title in a frame of some pixels."""
    page = re.sub(
        r'content="default-src[^"]*"', "content=\"default-src 'unsafe-inline'; img-src data:\"", sheet
    )
    page = page.replace("</body>", f"<script>{script}</script></body>")
    frame = (
        f'<iframe srcdoc="{html.escape(page)}" width={width} height=900></iframe>'
        "<script>onload = () => document.title = frames[0].document.title</script>"
    )
    dumped = chromium(folder, frame, "--window-size=1400,1000", "--dump-dom").stdout
    return dumped.partition("<title>")[2].partition("</title>")[0]


def test_the_sheet_explains_its_units_and_its_marks(three_hours: Plan) -> None:
    page = report.sheet_html(three_hours)
    assert "1 LU is a step of 1 dB" in page
    assert "LUFS: how loud it is heard" in page
    for words in ("hardly a beat", "a clear beat"):
        assert words in page  # beside the marks of tempo


def test_a_join_that_wants_an_ear_is_told_by_its_time_and_number_without_both_titles(
    three_hours: Plan,
) -> None:
    flags = flagged_joins(three_hours)
    assert flags
    page = report.sheet_html(three_hours)
    listed = page[page.index("Joins to check by ear") : page.index("In reserve")]
    for k, reasons in flags.items():
        assert f"into {k + 1}: " in listed
        assert (three_hours.slots[k].track.title or "").partition(",")[0] not in listed
        assert reasons[0].rpartition(";")[2].strip() in listed


def test_a_long_session_is_set_more_densely(three_hours: Plan) -> None:
    assert '<body class="many">' not in report.sheet_html(three_hours)
    longer = dataclasses.replace(three_hours, slots=three_hours.slots * 2)
    assert '<body class="many">' in report.sheet_html(longer)
