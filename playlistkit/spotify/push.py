"""Write a plan's tracks as a playlist in the therapist's account: once, in order, whatever happens in between.

The playlist's description carries a short mark made from the plan. A run first looks for the playlist that it may have
made before, by the id that was kept, then by the mark. It then reads what the playlist holds and changes it to the
planned order, reading back after each write. So a write whose answer never came is never blindly repeated.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playlistkit.errors import InputError, SpotifyError
from playlistkit.figures import counted
from playlistkit.model import Plan, Track
from playlistkit.names import holds_alias
from playlistkit.spotify.client import Client, Refused, Unclear, is_id
from playlistkit.spotify.filling import fill, track_named
from playlistkit.spotify.tokens import read_json, write_private

__all__ = [
    "LICENCES",
    "PRIVATE",
    "SETTINGS",
    "Pushed",
    "description_of",
    "mark_of",
    "playlist_id",
    "push",
    "refuse_words",
]

LONGEST_NAME = 100
LONGEST_DESCRIPTION = 300
LARGEST_COVER = 256 * 1024  # bytes, in base64

PRIVATE = (
    'The playlist does not show on your profile. "Private" means no more than that to Spotify: whoever has its '
    'address can open it until you choose "Make private" in the app.'
)
LICENCES = (
    "Streaming services are licensed for personal listening; playing one in a session is probably outside its terms. "
    "Whether playing music you own needs a licence depends on the country; docs/spotify.md says what courts have decided. "
    "Ask your collecting society in writing."
)
SETTINGS = (
    "Before the session, in the Spotify app on the device that plays it:",
    "  shuffle off, repeat off, smart shuffle off",
    "  Settings > Playback: Autoplay off, Automix off",
    "  Settings > Playback: Crossfade at {overlap} s; it can't be changed while a Connect device plays",
    "  normalise volume on, level Normal; equaliser off",
    "  download the playlist, then go offline, so that no advert, call or bad network comes in between",
)
"""What to set in the player; `overlap` is the session's crossfade."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """The result of a push."""

    id: str
    url: str
    name: str
    tracks: int
    made: bool
    """Whether this run made the playlist, rather than an earlier one."""
    changed: bool
    """Whether anything had to be written."""
    public: bool | None
    """As Spotify reports it; not to be trusted."""
    differences: tuple[str, ...] = ()
    """Differences between what was read back and the plan, in words."""
    warnings: tuple[str, ...] = ()


def mark_of(plan: Plan) -> str:
    """The mark of a plan: ``"pk-"`` and ten letters and digits, from its name, template and tracks."""
    slots = [(slot.track.id, slot.track.uri, round(slot.start, 3)) for slot in plan.slots + plan.tail]
    told = json.dumps([plan.name, plan.template.id, plan.template.name, slots], ensure_ascii=True)
    return "pk-" + hashlib.sha256(told.encode()).hexdigest()[:10]


def description_of(plan: Plan) -> str:
    """What the playlist's description says: how long, how many phases; nothing of the session's own."""
    hours, minutes = divmod(round(plan.duration / 60), 60)
    length = f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"
    tail = " The last tracks play on after the planned end." if plan.tail else ""
    return f"{counted(len(plan.phases), 'phase')}, {length}.{tail} Made with playlistkit. {mark_of(plan)}"


def refuse_words(text: str, words: Iterable[str], what: str) -> None:
    """Refuse a text that contains one of the words.

    Parameters
    ----------
    text : str
        The playlist's name or description.
    words : iterable of str
        Aliases of clients, words of private notes; looked for as `names.holds_alias` says.
    what : str
        ``"name"`` or ``"description"``, for the sentence.

    Raises
    ------
    InputError
        If it contains one.
    """
    for word in words:
        if holds_alias(text, word):
            raise InputError(
                f"the playlist's {what} holds {word!r}, which belongs to a client or a private note; nothing of "
                "a client may stand in a playlist: choose another name"
            )


def playlist_id(text: str) -> str:
    """The id in a playlist's id, URI or address.

    Raises
    ------
    InputError
        If it is none of them.
    """
    match = re.fullmatch(
        r"(?:spotify:playlist:|(?:https?://)?open\.spotify\.com/(?:intl-\w\w/)?playlist/)?([0-9A-Za-z]{22})(?:\?.*)?",
        text.strip(),
    )
    if not match:
        raise InputError(f"{text!r} is not a playlist; give its address (Share > Copy link) or its id")
    return match[1]


def push(
    client: Client,
    plan: Plan,
    tracks: Sequence[Track],
    *,
    state: Path,
    name: str | None = None,
    update: str | None = None,
    cover: bytes | None = None,
    private_words: Iterable[str] = (),
    progress: Callable[[int, int, str], None] = lambda *_: None,
) -> Pushed:
    """Write a playlist, or finish one that an earlier run began.

    Parameters
    ----------
    client : Client
    plan : Plan
        For the name, description and mark.
    tracks : sequence of Track
        What the playlist should hold, in order; each with a URI.
    state : Path
        File in which ids of playlists are stored at once.
    name : str, optional
        The playlist's name; by default the plan's, or the one that it has already.
    update : str, optional
        Id, URI or address of a playlist of the account's own whose content is replaced; its name stays unless
        `name` is given, its description stays.
    cover : bytes, optional
        A JPEG.
    private_words : iterable of str
        Aliases and words of notes, which neither name nor description may contain.

    Returns
    -------
    Pushed

    Raises
    ------
    InputError
        If a track has no URI, or name or description carry what they must not.
    SpotifyError
        If Spotify refuses or fails; the same call again goes on from there.
    """
    words = tuple(private_words)
    given = _name(name or "")
    planned = given or _name(plan.name or plan.template.name) or "Session"
    description = description_of(plan)[:LONGEST_DESCRIPTION]
    _refuse_private(planned, description, words)
    _refuse_unplayable(tracks)
    own = None if update is None else playlist_id(update)
    picture = None if cover is None else _cover(cover)
    user = str(client.me().get("id") or "")
    if own is not None:
        target = _to_update(client, user, own, given)
    else:
        target = _to_fill(client, user, mark_of(plan), state, given, planned, description)
    _refuse_private(target.name, target.description, words)  # also of a name that was there before
    if target.renamed:
        _rename(client, target.id, target.name, target.description)
    differences, writes = fill(client, target.id, tracks, progress)
    warnings = list(target.warnings)
    if picture is not None:
        try:
            client.set_cover(target.id, picture)
        except SpotifyError as error:
            warnings.append(f"the picture was not set: {error}")
    public = client.playlist(target.id).get("public")
    return Pushed(
        id=target.id,
        url=f"https://open.spotify.com/playlist/{target.id}",
        name=target.name,
        tracks=len(tracks),
        made=target.made,
        changed=target.made or target.renamed or writes > 0,
        public=public if isinstance(public, bool) else None,
        differences=tuple(differences),
        warnings=tuple(warnings),
    )


def _name(text: str) -> str:
    return " ".join(text.split())[:LONGEST_NAME]


def _refuse_private(name: str, description: str, words: Sequence[str]) -> None:
    refuse_words(name, words, "name")
    refuse_words(description, words, "description")


def _refuse_unplayable(tracks: Sequence[Track]) -> None:
    if not tracks:
        raise InputError("the plan has no tracks, so there is nothing to push")
    for number, track in enumerate(tracks, 1):
        if track.uri is None:
            raise InputError(
                f"track {number}, {track_named(track)}, is not on Spotify; `spotify match` looks for it"
            )


# --- which playlist -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Target:
    """The playlist to fill, and what to call it."""

    id: str
    name: str
    description: str
    renamed: bool
    """Whether it has another name now."""
    made: bool = False
    warnings: tuple[str, ...] = ()


def _to_update(client: Client, user: str, playlist: str, given: str) -> _Target:
    """The therapist's own playlist: of its name and description only what is asked for is changed."""
    found = client.playlist(playlist)
    if _owner(found) != user:
        raise Refused(f"playlist {found.get('name')!r} is not yours, so it can't be changed")
    name = given or str(found.get("name"))
    description = html.unescape(str(found.get("description") or ""))
    return _Target(playlist, name, description, renamed=found.get("name") != name)


def _to_fill(
    client: Client, user: str, mark: str, state: Path, given: str, planned: str, description: str
) -> _Target:
    """The playlist that an earlier run made for the plan, or a new one."""
    found, others = _existing(client, user, mark, _kept_id(state, user, mark))
    made = found is None
    if found is None:
        found = _make(client, user, planned, description, mark)
    _keep_id(state, user, mark, str(found["id"]))
    # as an earlier run or the therapist called it, unless another name is asked for
    name = given or (planned if made else str(found.get("name")))
    return _Target(
        str(found["id"]),
        name,
        description,
        # a description may come back as null though it is there; the kept id finds the playlist all the same
        renamed=found.get("name") != name or mark not in str(found.get("description") or mark),
        made=made,
        warnings=(
            (
                f"{counted(others, 'more playlist')} in your account {'carries' if others == 1 else 'carry'} the mark {mark}; "
                f"delete {'it' if others == 1 else 'them'} in the app",
            )
            if others
            else ()
        ),
    )


def _existing(client: Client, user: str, mark: str, kept: str | None) -> tuple[dict[str, Any] | None, int]:
    """The account's playlist for a mark, and how many more carry it."""
    mine = [each for each in client.playlists() if _owner(each) == user]
    marked = [each for each in mine if mark in str(each.get("description"))]
    # the kept id counts even if the therapist has rewritten the description; a deleted playlist is not listed
    for each in mine:
        if each["id"] == kept:
            return each, sum(other["id"] != kept for other in marked)
    if not marked:
        return None, 0
    return min(marked, key=lambda each: str(each["id"])), len(marked) - 1


def _make(client: Client, user: str, name: str, description: str, mark: str) -> dict[str, Any]:
    """A new playlist; if the answer gets lost, the one that was made nevertheless."""
    try:
        made = client.create_playlist(name, description)
    except Unclear:
        for seconds in (1.0, 3.0, 6.0):  # a new playlist may take a moment to be listed
            client.pause(seconds)
            existing, _ = _existing(client, user, mark, None)
            if existing is not None:
                return existing
        raise
    if not is_id(made.get("id")):
        raise Unclear("making the playlist: the answer holds no id; run the same command again")
    return made


def _rename(client: Client, playlist: str, name: str, description: str) -> None:
    """Name and description; sent again once if the answer gets lost, which does no harm."""
    try:
        client.change_playlist(playlist, name, description)
    except Unclear:
        client.change_playlist(playlist, name, description)


def _owner(playlist: dict[str, Any]) -> str | None:
    owner = playlist.get("owner")
    return owner.get("id") if isinstance(owner, dict) else None


def _kept_id(state: Path, user: str, mark: str) -> str | None:
    kept = read_json(state).get(f"{user} {mark}")
    return kept if isinstance(kept, str) else None


def _keep_id(state: Path, user: str, mark: str, playlist: str) -> None:
    if _kept_id(state, user, mark) != playlist:
        write_private(state, json.dumps({**read_json(state), f"{user} {mark}": playlist}, indent=1))


# --- what is in it ------------------------------------------------------------------------------------------


def _cover(jpeg: bytes) -> str:
    text = base64.b64encode(jpeg).decode()
    if not jpeg.startswith(b"\xff\xd8") or len(text) > LARGEST_COVER:
        raise InputError(f"the cover must be a JPEG of at most {LARGEST_COVER * 3 // 4 // 1024} KB")
    return text
