"""Store the sign-in between runs: in the system's keyring if there is one, else in a file that only its owner can read."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from playlistkit.errors import SpotifyError
from playlistkit.replacing import replacing
from playlistkit.spotify import addresses

__all__ = ["MONTH", "SIGN_IN_LASTS", "WARN_AFTER", "SignIn", "Store", "data_folder", "write_private"]

MONTH = 30.4 * 86_400.0
SIGN_IN_LASTS = 6 * MONTH
"""Seconds from the first authorisation after which Spotify refuses to renew (since July 2026)."""
WARN_AFTER = 5 * MONTH

SERVICE = "playlistkit"


@dataclass(frozen=True, slots=True)
class SignIn:
    """A therapist's sign-in. Its text form shows no secrets."""

    client_id: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires: float
    """When the access token ends, in seconds since 1970."""
    authorized: float
    """When the therapist allowed it, in seconds since 1970."""
    scope: str = ""
    user: str = ""
    """Spotify's id of the account."""
    user_name: str = ""
    account: str = ""
    """Spotify's id of the account that never changes, if it gives one."""

    @property
    def ends(self) -> float:
        """When it can no longer be renewed, in seconds since 1970."""
        return self.authorized + SIGN_IN_LASTS


def data_folder() -> Path:
    """The user's data folder of playlistkit; it need not exist."""
    from platformdirs import user_data_path

    return user_data_path("playlistkit", appauthor=False)


class Store:
    """Stores one sign-in, and the client id, which is no secret and stays after a logout.

    Parameters
    ----------
    folder : Path, optional
        Where files go; by default the user's data folder.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or data_folder()
        # a sign-in to a stand-in must not be taken for the real account
        self.name = "spotify" if addresses.is_real() else "spotify-local"

    @property
    def path(self) -> Path:
        """The file for the sign-in if there is no keyring."""
        return self.folder / f"{self.name}-sign-in.json"

    @property
    def settings_path(self) -> Path:
        """The file that holds the client id."""
        return self.folder / f"{self.name}.json"

    def load(self) -> SignIn | None:
        """The stored sign-in, if any.

        Raises
        ------
        SpotifyError
            If it is there but can't be read.
        """
        text = _from_keyring(self.name)
        if text is None:
            try:
                text = self.path.read_text(encoding="utf-8")
            except FileNotFoundError:
                return None
            except OSError as error:
                raise SpotifyError(f"{self.path}: can't be read: {error.strerror or error}") from error
        try:
            return SignIn(**json.loads(text))
        except (ValueError, TypeError) as error:
            raise SpotifyError(
                "the stored Spotify sign-in is damaged; run `playlistkit spotify logout`, then login"
            ) from error

    def save(self, sign_in: SignIn) -> str:
        """Store the sign-in; returns where: "keyring", or the file's path."""
        text = json.dumps(dataclasses.asdict(sign_in))
        if _to_keyring(self.name, text):
            self.path.unlink(missing_ok=True)
            return "keyring"
        write_private(self.path, text)
        return str(self.path)

    def remove(self) -> bool:
        """Delete the sign-in; returns whether there was one."""
        kept = _from_keyring(self.name) is not None
        if kept:
            _delete_from_keyring(self.name)
        if self.path.exists():
            self.path.unlink()
            kept = True
        return kept

    def client_id(self) -> str | None:
        """The client id used last."""
        try:
            value = json.loads(self.settings_path.read_text(encoding="utf-8")).get("client_id")
        except (OSError, ValueError, AttributeError):
            return None
        return value if isinstance(value, str) else None

    def save_client_id(self, client_id: str) -> None:
        """Store the client id."""
        write_private(self.settings_path, json.dumps({"client_id": client_id}))

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()


def write_private(path: Path, text: str) -> None:
    """Write a file completely or not at all, readable only by its owner from its first byte on.

    Raises
    ------
    SpotifyError
        If it can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with replacing(path, mode=0o600) as part:
            part.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SpotifyError(f"{path}: can't be written: {error.strerror or error}") from error


def read_json(path: Path) -> Mapping[str, object]:
    """The object in a JSON file; an empty one if there is none or it is damaged."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _keyring_works() -> bool:
    """Whether the system has a usable keyring: not one that fails, forgets or stores plain text."""
    import keyring

    try:
        backend = keyring.get_keyring()
        return float(backend.priority) >= 1
    except Exception:  # backends may raise anything while they probe
        return False


def _from_keyring(name: str) -> str | None:
    if not _keyring_works():
        return None
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(SERVICE, name)
    except KeyringError:  # locked, or its service isn't running
        return None


def _to_keyring(name: str, text: str) -> bool:
    if not _keyring_works():
        return False
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(SERVICE, name, text)
    except KeyringError:
        return False
    return True


def _delete_from_keyring(name: str) -> None:
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.delete_password(SERVICE, name)
    except KeyringError as error:
        raise SpotifyError(f"the system's keyring did not delete the sign-in: {error}") from error
