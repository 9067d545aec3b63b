"""The few values that a page keeps."""

from __future__ import annotations

from playlistkit.web.recent import Recent


def test_what_was_asked_for_last_is_made_once_and_the_oldest_goes() -> None:
    recent: Recent[str, str] = Recent(2)
    made = []
    for key in "abbacca":
        recent.of(key, lambda key=key: made.append(key) or key)
        assert len(recent) <= 2
    assert "".join(made) == "abca"
