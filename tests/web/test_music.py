"""The library on the page: music added, found, heard, corrected."""

from __future__ import annotations

import re
import shutil
import wave
from pathlib import Path

import numpy as np
import pytest

from playlistkit import Library, scan

from .conftest import accessible, until


@pytest.fixture(scope="module")
def library(demo_folder, tmp_path_factory) -> Path:
    copy = tmp_path_factory.mktemp("copy")
    shutil.copy(demo_folder / "library.db", copy / "library.db")
    return copy / "library.db"


@pytest.fixture(scope="module")
def server(start, library):
    return start(library)


def rows(page):
    return page.locator("table.tracks tbody tr")


def test_a_table_is_narrowed_as_one_types_and_sorted_by_a_touch(server, walk):
    page = walk(server)
    page.goto(f"{server.address}/music")
    page.get_by_label("Search").fill("m")
    page.get_by_label("Search").type("ountain")
    page.get_by_text("1 of 18 tracks").wait_for()
    assert page.evaluate("document.activeElement.id") == "q"  # one goes on typing
    page.get_by_label("Search").fill("energy:..0.3")
    page.get_by_label("Search").press("End")
    until(page, "!document.querySelector('#count').textContent.startsWith('1 of')")
    page.get_by_role("link", name="energy").click()
    page.get_by_role("columnheader", name="energy ↑").wait_for()
    shown = [float(text) for text in page.locator("tbody td:nth-child(5)").all_inner_texts()]
    assert shown == sorted(shown)
    assert max(shown) <= 0.3
    page.reload()
    assert page.get_by_label("Search").input_value() == "energy:..0.3"


def test_a_condition_that_can_t_be_read_is_told_beside_the_field(server, walk):
    page = walk(server)
    page.goto(f"{server.address}/music?q=energy:loud")
    assert "energy" in page.get_by_role("alert").inner_text()
    accessible(page)


def test_a_value_is_corrected_at_a_touch_and_taken_back(server, walk, library):
    page = walk(server)
    page.goto(f"{server.address}/music?q=cave")
    with Library(library) as opened:
        before = opened.find("cave")[0]
    page.locator("details.choose summary").click()
    page.get_by_role("button", name="wordless", exact=True).last.click()
    page.get_by_text("One track: vocals: wordless").wait_for()
    with Library(library) as opened:
        now = opened.get(before.track.id)
        assert (now.features.vocals, now.sources["vocals"]) == ("wordless", "set")
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone.").wait_for()
    with Library(library) as opened:
        assert opened.get(before.track.id) == before


def test_several_tracks_are_marked_at_once_and_taken_back(server, walk, library):
    page = walk(server)
    page.goto(f"{server.address}/music?sort=title")
    for box in page.locator("tbody input[type=checkbox]").all()[:3]:
        box.check()
    page.get_by_role("group", name="For the ticked tracks").get_by_role("button", name="avoid").click()
    page.get_by_text("3 tracks: avoid: yes").wait_for()
    with Library(library) as opened:
        assert sum(each.avoid for each in opened.candidates()) == 3
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone.").wait_for()
    with Library(library) as opened:
        assert not any(each.avoid for each in opened.candidates())


def test_a_track_s_own_page_says_where_each_value_comes_from(server, walk, library):
    page = walk(server)
    page.goto(f"{server.address}/music?q=awakening")
    page.get_by_role("link", name="Awakening").click()
    page.get_by_role("heading", name="What is known").wait_for()
    shown = [each.input_value() for each in page.locator("[inputmode=decimal]").all()]
    assert len(shown) == 5
    assert all(re.fullmatch(r"-?\d+\.\d{1,2}", each) for each in shown), shown
    page.get_by_label("Energy").fill("7")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("give a number from 0 to 1").wait_for()
    page.get_by_label("Energy").fill("0.31")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("energy: 0.31").wait_for()
    assert "set by you" in page.locator("label", has_text="Energy").inner_text()
    accessible(page)


def test_a_track_sounds_at_a_touch_and_stops_at_another(server, walk):
    page = walk(server)
    page.goto(f"{server.address}/music?q=cave")
    button = page.get_by_role("button", name="Play Cave Theme")
    button.click()
    until(page, "document.querySelector('#player audio').currentTime > 0.2")
    assert button.get_attribute("aria-pressed") == "true"
    accessible(page)
    page.locator("#player-stop").click()
    assert not page.locator("#player").is_visible()


def album(folder: Path) -> None:
    """Two tones of 18 and 16 s in one file, with the sheet that tells them apart."""
    times = np.arange(34 * 22_050) / 22_050
    tone = 6000 * np.sin(2 * np.pi * np.where(times < 18, 220.0, 440.0) * times)
    with wave.open(str(folder / "album.wav"), "wb") as file:
        file.setparams((1, 2, 22_050, 0, "NONE", ""))
        file.writeframes(tone.astype("<i2").tobytes())
    (folder / "album.cue").write_text(
        'FILE "album.wav" WAVE\n'
        '  TRACK 01 AUDIO\n    TITLE "First"\n    INDEX 01 00:00:00\n'
        '  TRACK 02 AUDIO\n    TITLE "Second"\n    INDEX 01 00:18:00\n'
    )


def test_of_an_album_in_one_file_the_part_sounds_that_was_touched(start, walk, tmp_path):
    album(tmp_path)
    with Library(tmp_path / "library.db") as opened:
        scan(opened, tmp_path, jobs=1, voice=False)
    page = walk(start(tmp_path / "library.db"))
    page.goto(page.url + "music")
    page.get_by_role("button", name="Play Second").click()
    until(page, "document.querySelector('#player audio').currentTime > 0.2")
    assert page.evaluate("document.querySelector('#player audio').duration") == pytest.approx(16, abs=0.2)
    where = page.evaluate("document.querySelector('#player audio').currentSrc")
    sound = np.frombuffer(page.request.get(where).body()[44:], "<i2")[::2].astype(float)
    spectrum = np.abs(np.fft.rfft(sound[48_000 : 2 * 48_000]))
    assert np.argmax(spectrum) == pytest.approx(440, abs=2)


def test_sound_is_given_by_id_and_one_bounded_range_at_a_time(server, library):
    with Library(library) as opened:
        track = opened.find("cave")[0].track
    door = server.ask("GET", server.ticket().removeprefix(server.address), Host=server.host)
    cookie = door[1]["set-cookie"].partition(";")[0]
    whole = Path(track.path).read_bytes()

    def ask(asked, path=f"/music/{track.id}/sound"):
        return server.ask("GET", path, Host=server.host, Cookie=cookie, **({"Range": asked} if asked else {}))

    status, headers, body = ask("bytes=10-19")
    assert (status, body) == (206, whole[10:20])
    assert headers["content-range"] == f"bytes 10-19/{len(whole)}"
    assert ask("bytes=-5")[2] == whole[-5:]
    assert ask("bytes=0-999999999999")[2] == whole[: 4 * 2**20]
    for many in ("bytes=0-1,2-3", "bytes=" + "0-," * 20_000, "items=0-1", "bytes=x-y", "bytes=-"):
        status, headers, body = ask(many) if len(many) < 8000 else (200, {}, whole)
        assert (status, body) == (200, whole)
    assert ask(f"bytes={len(whole)}-")[0] == 416
    for path in ("/music/..%2f..%2fetc%2fpasswd/sound", "/music/C:%5cWindows/sound", "/music/%00/sound"):
        assert ask("", path)[0] in (404, 422)
    excerpt = ask("", f"/music/{track.id}/sound?at=5&for=3")
    assert excerpt[1]["content-type"] == "audio/wav"
    assert excerpt[2][:4] == b"RIFF"
    assert len(excerpt[2]) == pytest.approx(3 * 48_000 * 4, rel=0.02)


def test_a_hostile_title_is_shown_as_text(start, walk, tmp_path):
    from playlistkit.model import Track

    title = "</title><script>document.title='broken'</script><img src=x onerror=alert(1)>"
    with Library(tmp_path / "hostile.db") as opened:
        opened.add_uri(
            Track("", uri="spotify:track:6kkwzB6hXLIONkEk9JciA6", title=title, artist='" onclick="x')
        )
    page = walk(start(tmp_path / "hostile.db"))
    page.goto(page.url + "music")
    assert page.get_by_role("link", name="<script>").inner_text() == title
    page.get_by_role("link", name="<script>").click()
    assert page.get_by_role("heading", level=1).inner_text() == title
    assert "broken" not in page.title()


def test_a_folder_is_chosen_listened_to_and_stopped_and_gone_on_with(start, walk, tmp_path, demo_folder):
    music = tmp_path / "home" / "My Müsic 🎵"
    music.mkdir(parents=True)
    shutil.copytree(
        demo_folder / "music", music, dirs_exist_ok=True
    )  # more than is heard before it is stopped
    (music / "broken.mp3").write_bytes(b"no music")
    server = start(tmp_path / "library.db")
    page = walk(server)
    page.goto(f"{server.address}/voices")
    page.get_by_text("Your library is empty").wait_for()  # not: everything is decided
    page.goto(f"{server.address}/")
    page.get_by_role("link", name="Add my music").click()
    accessible(page)
    page.goto(f"{server.address}/music/add?folder={tmp_path / 'home'}")
    page.get_by_role("link", name="My Müsic 🎵").click()
    page.get_by_text("19 audio files here").wait_for()
    page.get_by_role("button", name="Listen to this folder").click()
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("stopped, scan again to continue").wait_for()
    accessible(page)
    with Library(tmp_path / "library.db") as opened:
        heard = {Path(each.track.path).name for each in opened.candidates()}
    assert len(heard) < 18
    for path in sorted(music.glob("*.o*"))[2:]:
        if path.name not in heard:
            path.unlink()
    kept = len(list(music.glob("*.o*")))
    page.get_by_role("button", name="Listen to this folder").click()
    page.get_by_text("1 to look at").first.click()
    assert page.get_by_text("broken.mp3").first.is_visible()
    page.get_by_role("link", name="See the library").first.click()
    page.get_by_text(f"{kept} of {kept} tracks").wait_for()
    music.rename(music.with_name("Umgezogen"))
    page.goto(f"{server.address}/music/add?folder={tmp_path / 'home'}")
    page.get_by_text("My Müsic 🎵 is not there now.").wait_for()
    assert not page.get_by_role("button", name="Look there for new music").count()
    accessible(page)
    page.get_by_role("link", name="Umgezogen").click()
    page.get_by_role("button", name="Listen to this folder").click()
    page.get_by_text(f"{kept} moved or copied").wait_for()  # a link to the library stands there from before
    page.get_by_role("link", name="See the library").first.click()
    page.get_by_text(f"{kept} of {kept} tracks").wait_for()  # each is recognised
    page.goto(f"{server.address}/music/add")
    page.get_by_role("button", name="Look there for new music").wait_for()
    assert not page.get_by_text("is not there now").count()


def test_a_large_table_is_read_as_a_job(start, walk, tmp_path):
    table = tmp_path / "large.csv"
    rows = (f"spotify:track:{number:022d},{'Slow Water ' * 20}" for number in range(5000))
    table.write_text("\n".join(["uri,title", *rows]))
    page = walk(start(tmp_path / "library.db"))
    page.goto(f"{page.url}music/table")
    page.get_by_label("One or several files").set_input_files(table)
    page.get_by_role("button", name="Add it to the library").click()
    page.get_by_text("Reading large.csv").wait_for()
    page.get_by_text("large.csv: 5000 rows: 5000 new tracks").wait_for()
    assert str(tmp_path) not in page.content()
    accessible(page)
    page.get_by_role("link", name="See the library").click()
    page.get_by_text("of 5000 tracks").wait_for()


def test_a_table_is_uploaded(start, walk, tmp_path):
    table = tmp_path / "Quiet evenings.csv"
    table.write_text(
        "uri,title,artist,energy,tempo,loudness,duration\n"
        "spotify:track:6kkwzB6hXLIONkEk9JciA6,Weightless,Marconi Union,0.1,60,-25,480\n"
        "spotify:track:6kkwzB6hXLIONkEk9JciA7,Wrong,Nobody,7,60,-25,480\n"
    )
    page = walk(start(tmp_path / "library.db"))
    page.get_by_role("link", name="Bring my playlists").click()
    page.get_by_label("One or several files").set_input_files(table)
    page.get_by_role("button", name="Add it to the library").click()
    page.get_by_role("heading", name="Quiet evenings.csv: 2 rows").wait_for()
    assert str(tmp_path) not in page.content()
    accessible(page)
    page.get_by_role("link", name="See the library").click()
    page.get_by_text("2 of 2 tracks").wait_for()
