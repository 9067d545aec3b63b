"""The library and the therapist's Spotify account: sign in, pull, match, push."""

from __future__ import annotations

import dataclasses
import io
import json
import re
import webbrowser
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playlistkit.errors import InputError
from playlistkit.library import Library
from playlistkit.library.spotify import Decision, SpotifyMemory
from playlistkit.model import Candidate, Plan, Slot, Track
from playlistkit.spotify import login as sign_in
from playlistkit.spotify import match as matching
from playlistkit.spotify import pull as pulling
from playlistkit.spotify import push as pushing
from playlistkit.spotify.client import Client
from playlistkit.spotify.login import STEPS, TERMS
from playlistkit.spotify.login import Status as SignInStatus
from playlistkit.spotify.match import Found
from playlistkit.spotify.push import Pushed
from playlistkit.spotify.tokens import Store
from playlistkit.workflow.join import LocalTracks, take_track

__all__ = [
    "STEPS", "TERMS", "Choice", "Found", "MatchReport", "Open", "PullReport", "PushReport", "SignInStatus",
    "known_client_id", "link", "login", "logout", "match", "pull", "push", "status",
]  # fmt: skip

Progress = Callable[[int, int, str], None]
Tell = Callable[[str], None]
Choice = Found | Literal["skip", "later"]


# --- signing in ---------------------------------------------------------------------------------------------


def known_client_id() -> str | None:
    """The client id that was used last on this machine."""
    return Store().client_id()


def login(
    client_id: str,
    *,
    show: Tell,
    paste: Callable[[], str] | None = None,
    port: int = 0,
    browser: Callable[[str], object] = webbrowser.open,
) -> SignInStatus:
    """Sign in and keep the sign-in; see `playlistkit.spotify.login.login`."""
    return sign_in.login(Store(), client_id, show=show, paste=paste, port=port, browser=browser)


def status() -> SignInStatus | None:
    """Who is signed in, until when; `None` if nobody is."""
    return sign_in.status(Store())


def logout() -> bool:
    """Forget the sign-in; whether there was one."""
    return sign_in.logout(Store())


def _client(tell: Tell) -> Client:
    """The account that is signed in; says when the sign-in will soon end."""
    client = Client(tell=tell)
    known = status()
    if known is not None and known.warning:
        tell(known.warning)
    return client


# --- pull ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PullReport:
    """What a pull brought."""

    playlists: tuple[str, ...]
    """Names of those that were read."""
    unchanged: tuple[str, ...]
    """Names of those that were as they were."""
    new: int
    """Tracks that the library did not know."""
    joined: int
    """Tracks that turned out to be a local file's, whose features they have now."""
    known: int
    lacking: int
    """Of all tracks of the playlists, how many have no energy yet."""
    passed_over: tuple[str, ...]
    """Entries that are no track that could be played, in words."""

    def summary(self) -> str:
        """The whole in a sentence or two."""
        read = f"{len(self.playlists)} playlist(s) read, {len(self.unchanged)} unchanged"
        text = f"{read}: {self.new} new track(s), {self.joined} found among your files, {self.known} known"
        if self.lacking:
            text += (
                f"\n{self.lacking} track(s) have no energy yet: scan your own copies, `import` a table or `set` it; "
                "`tracks --missing` lists them"
            )
        return text


def pull(
    library: Library,
    playlists: Sequence[str] = (),
    *,
    liked: bool = False,
    progress: Progress = lambda *_: None,
    tell: Tell = lambda _: None,
    client: Client | None = None,
) -> PullReport:
    """Bring the tracks of playlists into the library.

    Parameters
    ----------
    library : Library
    playlists : sequence of str
        Names, ids, URIs or addresses; none: all of the account's own, unless `liked` is asked for alone.
    liked : bool
        The saved tracks.
    progress : callable
        Takes what is done, the total and the playlist's name.
    tell : callable
        Takes a sentence before each wait.
    client : Client, optional

    Returns
    -------
    PullReport

    Raises
    ------
    InputError
        If a playlist is not there or not the account's own.
    SpotifyError
        If Spotify refuses, fails or asks for a long pause; the same call goes on where it was.
    """
    client = client or _client(tell)
    memory = SpotifyMemory(library)
    local = LocalTracks(library)
    wanted: list[pulling.Playlist | None] = []
    if playlists or not liked:
        wanted += pulling.chosen(playlists, pulling.playlists(client))
    if liked:
        wanted.append(None)
    read, unchanged, passed_over = [], [], []
    counts = {"new": 0, "joined": 0, "known": 0}
    uris: set[str] = set()
    for playlist in wanted:
        name = playlist.name if playlist else "saved tracks"
        key = playlist.id if playlist else pulling.LIKED
        snapshot = playlist.snapshot if playlist else pulling.saved_snapshot(client)
        place = memory.place(key, snapshot)
        if place is None:
            unchanged.append(name)
            continue
        for page in pulling.pages(client, playlist, place):
            with library.transaction():
                for found in page.tracks:
                    counts[take_track(library, local, found)] += 1
                    uris.add(found.uri)
                memory.keep_place(key, snapshot, page.next)
            passed_over += [f"{name}, {each}" for each in page.passed_over]
            total = (playlist.tracks if playlist else None) or 0
            progress(page.start + len(page.tracks), max(total, page.start + len(page.tracks)), name)
        read.append(name)
    lacking = (
        sum(
            each.track.uri in uris and each.features.energy is None
            for each in library.candidates(available=False)
        )
        if uris
        else 0
    )
    return PullReport(
        tuple(read), tuple(unchanged), **counts, lacking=lacking, passed_over=tuple(passed_over)
    )


# --- match --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Open:
    """A local track that was not surely found."""

    id: str
    name: str
    candidates: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class MatchReport:
    """What became of the local tracks."""

    taken: int
    """Found surely, now or before."""
    chosen: int
    """By the therapist."""
    skipped: int
    nothing: int
    """Nothing like them is on Spotify."""
    open: tuple[Open, ...]
    """Not sure: with candidates, for the therapist."""

    def summary(self) -> str:
        """The whole in a sentence or two."""
        text = (
            f"{self.taken} found, {self.chosen} chosen, {self.skipped} skipped, {self.nothing} not on Spotify"
        )
        if self.open:
            text += f"\n{len(self.open)} not sure: `spotify match --ask` goes through them"
        return text


def match(
    library: Library,
    tracks: Sequence[str] = (),
    *,
    again: bool = False,
    choose: Callable[[Candidate, tuple[Found, ...]], Choice] | None = None,
    progress: Progress = lambda *_: None,
    tell: Tell = lambda _: None,
    client: Client | None = None,
) -> MatchReport:
    """Find local tracks on Spotify; what is found surely gets its URI.

    Parameters
    ----------
    library : Library
    tracks : sequence of str
        Ids, paths or unique titles; none: all that have no URI yet.
    again : bool
        Look again for what was not found, was left open or was skipped.
    choose : callable, optional
        Takes a track and its candidates and gives one of them, "skip" or "later"; without it what is not sure
        stays open.
    progress : callable
        Takes what is done, the total and the track's name.
    tell : callable
        Takes a sentence before each wait.
    client : Client, optional

    Raises
    ------
    SpotifyError
        If Spotify refuses, fails or asks for a long pause; what was found is kept.
    """
    memory = SpotifyMemory(library)
    known = memory.decisions()
    wanted = [library.resolve(text) for text in tracks] if tracks else library.candidates(available=False)
    local = [each for each in wanted if each.track.path is not None]
    counts = {"taken": 0, "chosen": 0, "skipped": 0, "nothing": 0}
    still_open: list[Open] = []
    search: Callable[[str], list[Found]] | None = None
    for number, candidate in enumerate(local):
        track = candidate.track
        if not track.title:
            track = _named_by_file(track)
        progress(number, len(local), track.title or "")
        decision = known.get(track.id)
        if track.uri is not None:
            counts["chosen" if decision and decision.state == "chosen" else "taken"] += 1
            continue
        asked = json.dumps([matching.VERSION, track.isrc, track.title, track.artist, round(track.duration)])
        if decision is None or decision.asked != asked or again:
            search = search or _searcher(client or _client(tell))
            found = matching.find(track, search)
            decision = _decided(asked, found)
            with library.transaction():
                memory.keep_decision(track.id, decision)
                if found.taken is not None:
                    library.link(track.id, found.taken.uri)
        finds = tuple(Found(**{**each, "against": tuple(each["against"])}) for each in decision.candidates)
        if decision.state == "open" and choose is not None:
            decision = _asked(library, candidate, decision, choose(candidate, finds))
        if decision.state == "open":
            still_open.append(Open(track.id, _name(track), finds))
        else:
            counts["nothing" if decision.state == "none" else decision.state] += 1
    progress(len(local), len(local), "")
    return MatchReport(**counts, open=tuple(still_open))


def link(library: Library, track: str, uri: str) -> Candidate:
    """Take the therapist's word that a local track is this one on Spotify.

    Raises
    ------
    InputError
        If there is no such track, or the URI is none of a track.
    """
    from playlistkit.sources.table import spotify_uri

    known = library.resolve(track)
    plain = spotify_uri(uri.strip())
    if plain is None:
        raise InputError(f"{uri!r} is no Spotify track; give its address (Share > Copy Song Link)")
    with library.transaction():
        library.link(known.track.id, plain)
        SpotifyMemory(library).keep_decision(known.track.id, Decision("", "chosen", plain))
    return library.get(known.track.id)


def _named_by_file(track: Track) -> Track:
    """A track without a title, named by its file: "03 Ana Ruiz - Home.flac"."""
    stem = re.sub(r"^\d{1,3}[\s._-]+", "", Path(track.path or "").stem)
    artist, dash, title = stem.partition(" - ")
    if dash and not track.artist:
        return dataclasses.replace(track, artist=artist.strip(), title=title.strip())
    return dataclasses.replace(track, title=stem.strip())


def _searcher(client: Client) -> Callable[[str], list[Found]]:
    return lambda query: [
        found for item in client.search(query) if (found := matching.found_track(item)) is not None
    ]


def _decided(asked: str, found: matching.Match) -> Decision:
    kept = tuple(dataclasses.asdict(each) for each in found.candidates)
    if found.taken is not None:
        return Decision(asked, "taken", found.taken.uri, kept)
    return Decision(asked, "open" if kept else "none", None, kept)


def _asked(library: Library, candidate: Candidate, decision: Decision, answer: Choice) -> Decision:
    """Keep the therapist's answer."""
    if answer == "later":
        return decision
    if answer == "skip":
        decision = dataclasses.replace(decision, state="skipped")
    else:
        assert isinstance(answer, Found)
        decision = dataclasses.replace(decision, state="chosen", uri=answer.uri)
    with library.transaction():
        SpotifyMemory(library).keep_decision(candidate.track.id, decision)
        if decision.uri is not None:
            library.link(candidate.track.id, decision.uri)
    return decision


# --- push ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PushReport:
    """What a push came to, and what to do before the session."""

    pushed: Pushed
    replaced: tuple[str, ...]
    """Tracks that are not on Spotify and what stands in for them, in words."""
    private: str
    """What "private" means at Spotify."""
    settings: tuple[str, ...]
    """What to set in the player."""


def push(
    plan: Plan,
    library: Library | None = None,
    *,
    name: str | None = None,
    update: str | None = None,
    missing: Literal["stop", "reserve", "skip"] = "stop",
    cover: bool = False,
    private_words: Iterable[str] = (),
    progress: Progress = lambda *_: None,
    tell: Tell = lambda _: None,
    client: Client | None = None,
) -> PushReport:
    """Write a plan as a playlist, once, and read it back.

    Parameters
    ----------
    plan : Plan
    library : Library, optional
        Knows the URIs of tracks that were matched since the plan was made, and the aliases of clients.
    name : str, optional
        By default the plan's.
    update : str, optional
        Id, URI or address of an own playlist whose content is replaced.
    missing : {"stop", "reserve", "skip"}
        For tracks that are not on Spotify: refuse, take the plan's reserve of the same phase that is nearest in
        length, or leave them out; all is told.
    cover : bool
        Give it a picture of the arc.
    private_words : iterable of str
        Words beside the clients' aliases that neither name nor description may carry.
    progress, tell : callable
        As for `pull`.
    client : Client, optional

    Returns
    -------
    PushReport

    Raises
    ------
    InputError
        If tracks are missing and nothing stands in, or the name carries a client's alias.
    SpotifyError
        If Spotify refuses, fails or asks for a long pause; the same call goes on where it was.
    """
    tracks, replaced = playable(plan, library, missing)
    words = list(private_words)
    if library is not None:
        words += [each.alias for each in library.clients.list()]
    client = client or _client(tell)
    store = client.authorization.store
    pushed = pushing.push(
        client,
        plan,
        tracks,
        state=store.folder / f"{store.name}-playlists.json",
        name=name,
        update=update,
        cover=_picture(plan) if cover else None,
        private_words=words,
        progress=progress,
    )
    overlap = plan.session.overlap if plan.session.overlap is not None else plan.template.rules.overlap
    return PushReport(
        pushed,
        replaced,
        pushing.PRIVATE,
        tuple(line.format(overlap=f"{overlap:g}") for line in pushing.SETTINGS),
    )


def playable(
    plan: Plan, library: Library | None, missing: Literal["stop", "reserve", "skip"]
) -> tuple[list[Track], tuple[str, ...]]:
    """The tracks of a plan and its tail as Spotify can play them, and what was done about the others, in words.

    Raises
    ------
    InputError
        If some are not on Spotify, and `missing` is "stop" or no reserve is.
    """
    slots = plan.slots + plan.tail
    used = {uri for slot in slots if (uri := _uri(slot.track, library)) is not None}
    tracks: list[Track] = []
    told: list[str] = []
    lacking: list[str] = []
    for number, slot in enumerate(slots, 1):
        uri = _uri(slot.track, library)
        if uri is not None:
            tracks.append(dataclasses.replace(slot.track, uri=uri))
            continue
        what = f"track {number}, {_name(slot.track)} in {slot.phase!r}, is not on Spotify"
        if missing == "skip":
            told.append(f"{what}: left out; {_clock(slot.duration)} of the session are missing")
            continue
        stand_in = _reserve(plan, slot, library, used) if missing == "reserve" else None
        if stand_in is None:
            lacking.append(what)
            continue
        used.add(str(stand_in.uri))
        tracks.append(stand_in)
        longer = stand_in.duration - slot.track.duration
        told.append(
            f"{what}: {_name(stand_in)} stands in, {_clock(abs(longer))} {'longer' if longer > 0 else 'shorter'}"
        )
    if lacking:
        why = "and no reserve of their phase is" if missing == "reserve" else "so nothing was pushed"
        raise InputError(
            "\n".join(lacking[:20])
            + (f"\n... and {len(lacking) - 20} more" if len(lacking) > 20 else "")
            + f"\n{len(lacking)} track(s) can't be played there, {why}. `spotify match` looks for them, "
            "`build --for spotify` plans without them, `push --missing reserve` or `skip` goes on"
        )
    return tracks, tuple(told)


def _uri(track: Track, library: Library | None) -> str | None:
    """The track's URI, from the plan or as the library knows it now."""
    if track.uri is not None or library is None:
        return track.uri
    try:
        return library.get(track.id).track.uri  # by any id that it ever had
    except InputError:
        return None


def _reserve(plan: Plan, slot: Slot, library: Library | None, used: set[str]) -> Track | None:
    """The reserve of the slot's phase that is nearest in length and not in the playlist yet."""
    phase = slot.phase if slot.phase in plan.reserves else plan.phases[-1].name if plan.phases else ""
    choices = [
        dataclasses.replace(each.track, uri=uri)
        for each in plan.reserves.get(phase, ())
        if (uri := _uri(each.track, library)) is not None and uri not in used
    ]
    return min(choices, key=lambda each: abs(each.duration - slot.track.duration), default=None)


def _picture(plan: Plan) -> bytes:
    """The arc as a square JPEG that Spotify takes; without a title, which might say more than the playlist's name."""
    from playlistkit.report import arc_figure

    figure = arc_figure(plan, title=False)
    figure.set_size_inches(6.4, 6.4)
    for quality in (90, 75, 50):
        stream = io.BytesIO()
        figure.savefig(stream, format="jpeg", dpi=100, pil_kwargs={"quality": quality})
        if len(stream.getvalue()) * 4 // 3 < pushing.LARGEST_COVER:
            break
    return stream.getvalue()


def _name(track: Track) -> str:
    return (
        " - ".join(part for part in (track.artist, track.title) if part)
        or track.path
        or track.uri
        or track.id
    )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
