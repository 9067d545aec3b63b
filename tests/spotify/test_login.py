"""Signing in: by callback or pasted address, kept safely, told plainly."""

from __future__ import annotations

import datetime
import logging
import socket
import stat
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import keyring
import pytest
import requests
from keyring.backend import KeyringBackend

from playlistkit.errors import InputError, SpotifyError
from playlistkit.spotify.login import Status, login, logout, read_answer, status
from playlistkit.spotify.tokens import MONTH, SignIn, Store

from .fake import CLIENT_ID, Fault, Spotify

Browser = Callable[[str], None]


@pytest.fixture
def fresh(spotify: Spotify, tmp_path: Path) -> Store:
    return Store(tmp_path / "fresh")


@pytest.fixture
def pages() -> list[str]:
    return []


@pytest.fixture
def browser(pages: list[str]) -> Browser:
    """Opens the address as a browser in the terminal does: it comes back when it is closed."""
    return lambda url: pages.append(requests.get(url, timeout=60).text)


def sign_in(store: Store, browser: Browser, **options: object) -> Status:
    return login(store, CLIENT_ID, show=lambda url: None, browser=browser, **options)  # type: ignore[arg-type]


def test_the_browser_comes_back_and_sees_a_readable_page(
    spotify: Spotify, fresh: Store, browser: Browser, pages: list[str]
) -> None:
    who = sign_in(fresh, browser, timeout=60)
    assert (who.user, who.user_name, who.warning, who.missing_permissions) == (
        "therapist",
        "The Therapist",
        None,
        (),
    )
    assert who.ends - who.authorized > datetime.timedelta(days=180)
    assert status(fresh) == who
    assert fresh.client_id() == CLIENT_ID
    for _ in range(6000):  # the page is shown while the sign-in is being finished
        if pages:
            break
        threading.Event().wait(0.01)
    assert "Allowed" in pages[0]


def test_an_address_can_be_pasted_instead(spotify: Spotify, fresh: Store) -> None:
    shown: list[str] = []

    def paste() -> str:
        return requests.get(shown[0], allow_redirects=False, timeout=60).headers["Location"]

    assert login(fresh, f" {CLIENT_ID}\n", show=shown.append, paste=paste).user == "therapist"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://127.0.0.1:1/callback?code=x&state=other", "another sign-in"),
        ("http://127.0.0.1:1/callback?code=x", "not the whole address"),
        ("AQcode", "not the whole address"),
        ("http://127.0.0.1:1/callback?error=access_denied&state=s", "denied in the browser"),
        ("http://127.0.0.1:1/callback?error=invalid_client&state=s", "check the client id"),
    ],
)
def test_an_address_that_is_no_answer_to_this_sign_in_is_told(address: str, words: str) -> None:
    with pytest.raises(SpotifyError, match=words):
        read_answer(address, "s")


def test_denial_is_told(spotify: Spotify, fresh: Store, browser: Browser) -> None:
    spotify.deny = True
    with pytest.raises(SpotifyError, match="denied in the browser"):
        sign_in(fresh, browser, timeout=60)
    assert fresh.load() is None


def test_silence_ends_with_a_sentence(fresh: Store) -> None:
    with pytest.raises(SpotifyError, match="no answer from the browser"):
        sign_in(fresh, lambda url: None, timeout=0)


def test_a_port_in_use_is_told(fresh: Store) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SpotifyError, match=f"port {port} on this machine is in use"):
            sign_in(fresh, lambda url: None, port=port)


def test_a_client_id_that_can_be_none_is_refused(fresh: Store) -> None:
    with pytest.raises(InputError, match="32 letters and digits"):
        login(fresh, "my app", show=lambda url: None)


def test_an_account_that_is_not_on_the_apps_list_is_told_and_not_kept(
    spotify: Spotify, fresh: Store, browser: Browser
) -> None:
    spotify.rule = lambda method, path: (
        Fault(403, body="User not registered in the Developer Dashboard") if path == "/v1/me/" else None
    )
    with pytest.raises(SpotifyError, match="not on your app's list"):
        sign_in(fresh, browser, timeout=60)
    assert fresh.load() is None


def test_a_refused_code_is_told(spotify: Spotify, fresh: Store, browser: Browser) -> None:
    spotify.rule = lambda method, path: (
        Fault(400, body={"error": "invalid_grant"}) if path == "/api/token" else None
    )
    with pytest.raises(SpotifyError, match="redirect address in the dashboard must be"):
        sign_in(fresh, browser, timeout=60)


def test_no_code_and_no_token_is_logged(
    spotify: Spotify,
    fresh: Store,
    browser: Browser,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("spotipy.oauth2").setLevel(logging.DEBUG)
    sign_in(fresh, browser, timeout=60)
    kept = fresh.load()
    assert kept is not None
    out, err = capfd.readouterr()
    shown = caplog.text.replace("/authorize", "") + out + err + repr(kept)
    for secret in (kept.access_token, kept.refresh_token, "code_verifier"):
        assert secret not in shown
    # the tests' own browser is logged by urllib3; ours must not name the code beyond that
    ours = "".join(record.getMessage() for record in caplog.records if not record.name.startswith("urllib3"))
    assert "AQcode" not in ours + out + err


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")
def test_the_file_is_for_its_owner_only(store: Store) -> None:
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert [each.name for each in store.folder.iterdir()] == [store.path.name]


class Remembering(KeyringBackend):
    priority = 5  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


def test_a_keyring_is_preferred_and_logout_empties_it(store: Store) -> None:
    backend = Remembering()
    keyring.set_keyring(backend)
    kept = store.load()
    assert kept is not None
    assert store.save(kept) == "keyring"
    assert not store.path.exists()
    assert store.load() == kept
    assert logout(store)
    assert backend.kept == {}
    assert not logout(store)
    assert status(store) is None


def test_the_end_is_warned_of_from_month_five(store: Store) -> None:
    def after(months: float) -> Status:
        kept = SignIn(CLIENT_ID, "a", "r", 0, store.now() - months * MONTH, "playlist-read-private", "t")
        store.save(kept)
        found = status(store)
        assert found is not None
        return found

    assert after(4.9).warning is None
    assert "ends in 29 days" in (after(5.02).warning or "")
    assert "has ended" in (after(6.1).warning or "")
    assert "user-library-read" in after(1).missing_permissions


def test_a_damaged_file_is_told(store: Store) -> None:
    store.path.write_text("{")
    with pytest.raises(SpotifyError, match="damaged"):
        status(store)
