"""The commands of `spotify` talk to the addresses that they are given, and to nobody else."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from tracing import Home, needs_strace, trace

from playlistkit import exporters
from playlistkit.spotify.tokens import SignIn, Store

from .fake import ALL_SCOPES, CLIENT_ID, FakeServer, Spotify
from .test_push import plan_of

COMMANDS = {
    "spotify status": ["spotify", "status"],
    "spotify pull": ["spotify", "pull"],
    "spotify features": ["spotify", "features", "--from", "reccobeats", "--dry-run"],
    "spotify match": ["spotify", "match"],
    "spotify push": ["spotify", "push", "plan.json"],
    "spotify logout": ["spotify", "logout"],
}
HERE = {
    *("AF_INET", "AF_INET 127.0.0.1"),  # the stand-in
    *("AF_INET6", "AF_INET6 ::1"),  # urllib3 tries whether this machine has IPv6, when it is imported
}


@needs_strace
def test_the_commands_of_spotify_talk_to_the_addresses_they_are_given_alone(
    spotify: Spotify, server: FakeServer, tmp_path: Path
) -> None:
    home = Home(tmp_path)
    plan = plan_of(spotify, 3)
    spotify.add_playlist("Quiet", [slot.track.uri for slot in plan.slots])
    store = Store(home.data / "playlistkit")
    access, refresh = spotify.sign_in()
    store.save(
        SignIn(CLIENT_ID, access, refresh, store.now() + 3600, store.now(), ALL_SCOPES, "therapist", "T")
    )
    (home.work / "plan.json").write_text(exporters.plan_json.dumps(plan), encoding="utf-8")
    steps = home.work / "steps.json"
    steps.write_text(json.dumps(COMMANDS))
    addresses = {
        "PLAYLISTKIT_SPOTIFY_API_URL": f"{server.url}/v1",
        "PLAYLISTKIT_SPOTIFY_ACCOUNTS_URL": server.url,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }
    runner = Path(__file__).parents[1] / "run_marked.py"
    traces, said = trace([sys.executable, str(runner), "commands", str(steps)], home, addresses)
    assert dict(re.findall(r"^(spotify \w+): exit code (\d)$", said, re.MULTILINE)) == dict.fromkeys(
        COMMANDS, "0"
    ), said[-2000:]
    for name, each in traces.items():
        assert each.sockets <= HERE, name
        assert home.strays(each.written, [home.data / "playlistkit"]) == set(), name
        assert not [line for line in each.programs if access in line or refresh in line], name
    assert "AF_INET 127.0.0.1" in traces["spotify push"].sockets
    assert traces["spotify features"].sockets <= {"AF_INET6", "AF_INET6 ::1"}  # told, and not asked
    kept = "".join(path.read_text("latin-1") for path in store.folder.iterdir())
    assert access not in kept  # after the logout
    assert refresh not in kept
