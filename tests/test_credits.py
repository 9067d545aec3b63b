"""Credits as people, names as people compare them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playlistkit.credits import Credits
from playlistkit.model import Candidate, Features, Session, Track
from playlistkit.names import fold, holds_alias, name_key
from playlistkit.objective.rules_broken import rules_broken
from playlistkit.workflow.templates.finding import load_template


def track(artist: str | None, title: str = "", **tags: object) -> Track:
    return Track(f"{artist} {title} {tags}", title=title, artist=artist, **tags)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("printed", "typed"),
    [
        ("Hildur Guðnadóttir", "hildur gudnadottir"),
        ("Łukasz Żal", "lukasz zal"),
        ("Bjørn Øye", "bjorn oye"),
        ("Æther", "aether"),
        ("Cœur", "coeur"),
        ("Straße", "strasse"),
        ("Don’t", "don't"),
        ("Half‐Light", "half-light"),
        ("„So“", '"so"'),
        ("\u200eAnn\u00ad Lee\u200b", "ann lee"),
    ],
)
def test_a_name_is_compared_as_one_types_it(printed: str, typed: str) -> None:
    assert fold(printed) == fold(unicodedata.normalize("NFD", printed)) == typed


@given(st.text())
def test_a_folded_text_stays_as_it_is_in_any_unicode_form(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


@pytest.mark.parametrize(
    "credit",
    [
        "Ann Lee; Bo Ek", "Ann Lee & Bo Ek", "Bo Ek feat. Ann Lee", "Bo Ek, Ann Lee", "Bo Ek / Ann Lee",
        "ANN LEE and Bo Ek", "Bo Ek (ft. Ann Lee)", "Bo Ek | Ann Lee", r"Bo Ek\\Ann Lee", "Bo Ek [with Ann Lee]",
        "Bo Ek con Ann Lee", "Bo Ek、Ann Lee", "Bo Ek starring Ann Lee", "Bo Ek feat.Ann Lee", "Bo Ek en Ann Lee",
    ],
)  # fmt: skip
def test_a_joint_credit_counts_for_each_of_its_people(credit: str) -> None:
    tracks = [track("Ann Lee"), track(credit)]
    assert Credits(tracks).people(tracks[1]) == {"ann lee", "bo ek"}


@pytest.mark.parametrize(
    ("asked", "credited"),
    [
        ("The Beatles", "Beatles, The"), ("Beatles", "The Beatles & Bo Ek"), ("Beatles, The", "the beatles"),
        ("Erik Satie", "Satie, Erik"), ("Satie, Erik", "Bo Ek; Erik Satie"),
    ],
)  # fmt: skip
def test_somebody_excluded_is_known_with_or_without_an_article_and_as_sorted_lists_write_it(
    asked: str, credited: str
) -> None:
    session = Session(load_template("phases"), excluded_artists=frozenset([asked]))
    phase = session.template.phases[0]
    rules = dict(rules_broken(session, phase, Candidate(track(credited), Features())))
    assert "excluded" in rules
    assert "excluded" not in dict(rules_broken(session, phase, Candidate(track("The Band"), Features())))


@pytest.mark.parametrize("title", ["Dawn Feat. Ann Lee", "DAWN FT. ANN LEE", "Dawn \uff26\uff54. Ann Lee"])
def test_a_guest_is_known_however_the_title_writes_it(title: str) -> None:
    assert Credits([]).people(track("Bo Ek", title)) == {"bo ek", "ann lee"}


def test_guests_in_the_title_and_the_albums_artist_are_credited() -> None:
    other = track("Cy")
    guest = track("Bo Ek", "Dawn (feat. Ann Lee)", album_artist="Cy")
    assert Credits([other, guest]).people(guest) == {"bo ek", "ann lee", "cy"}
    assert Credits([other, guest]).performers(guest) == {"bo ek", "ann lee"}
    assert Credits([other]).people(track("Bo Ek", album_artist="Various Artists")) == {"bo ek"}


@pytest.mark.parametrize("name", ["Simon & Garfunkel", "Earth, Wind & Fire", "AC/DC", "Tyler, The Creator"])
def test_a_name_with_signs_stays_one_where_nobody_knows_its_parts(name: str) -> None:
    tracks = [track(name), track(name, "b"), track("Paul Simon"), track(f"{name}; The Emotions")]
    credited = Credits(tracks)
    assert credited.people(tracks[0]) == {name_key(name)}
    assert credited.people(tracks[3]) == {name_key(name), "the emotions"}


def test_a_name_that_a_list_gives_is_one_even_where_a_part_is_a_name_too() -> None:
    tracks = [
        track("Fire"),
        track("Earth, Wind & Fire", people=("Earth, Wind & Fire",)),
        track("Earth, Wind & Fire"),
    ]
    credited = Credits(tracks)
    assert credited.people(tracks[1]) == credited.people(tracks[2]) == {"earth, wind and fire"}


def test_a_name_within_two_credits_is_a_person() -> None:
    tracks = [track("Ann Lee & Cy"), track("Ann Lee & Di"), track("Em & Fo")]
    credited = Credits(tracks)
    assert [credited.people(each) for each in tracks] == [{"ann lee", "cy"}, {"ann lee", "di"}, {"em and fo"}]
    assert "em" in Credits(tracks, ["Em"]).people(tracks[2])


@pytest.mark.parametrize(
    ("text", "alias", "held"),
    [
        ("Milano evening", "Mila", True),
        ("M i l a", "Mila", True),
        ("Grøn aften", "gron", True),
        ("Al fresco", "Al", True),
        ("Calm", "Al", False),
        ("Calm", " ", False),
        ("for 🦊", "🦊", True),
    ],
)
def test_an_alias_is_found_inside_words_unless_it_is_in_every_word(text: str, alias: str, held: bool) -> None:
    assert holds_alias(text, alias) == held


@pytest.mark.parametrize(
    "title",
    [
        "River (feat.Ann Lee)", "River (with Ann Lee)", "River (& Ann Lee)", "River (avec Ann Lee)", "River w/ Ann Lee",
        "River (Ann Lee Remix)",
    ],
)  # fmt: skip
def test_a_guest_in_a_title_is_one_of_the_people_where_the_name_is_known(title: str) -> None:
    tracks = [track("Ann Lee"), track("Bo Ek", title), track("Bo Ek", title.replace("Ann Lee", "the wind"))]
    known = Credits(tracks)
    assert known.people(tracks[1]) == {"ann lee", "bo ek"}
    if "feat" not in title:
        assert known.people(tracks[2]) == {"bo ek"}


@pytest.mark.parametrize(
    "shared",
    [
        "Various Artists", "V/A", "VA", "Verschiedene Interpreten", "Verschiedene", "Diverse Künstler", "Artistes divers",
        "Varios Artistas", "Artisti vari", "Diverse artiesten", "Unbekannter Interpret", "<Unknown>", "[unknown]",
        "Various Artists - A Label", "Soundtrack", "Traditional", "オムニバス",
    ],
)  # fmt: skip
def test_what_a_compilation_s_tracks_are_credited_to_is_nobody(shared: str) -> None:
    tracks = [track("Ann Lee", album_artist=shared), track(shared), track("Bo Ek; " + shared)]
    people = Credits(tracks).people_of_each(tracks)
    assert people == [{"ann lee"}, set(), {"bo ek"}]
