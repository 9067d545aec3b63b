"""The session as sound: every join to hear beforehand, the whole as one file, or played now.

`mix` is samples in, samples out; `encode` writes a file; `parts` says what of a plan is played when; `deck` plays
with jumps, for the player; `replaygain` writes levels into tags. None of them decodes an audio file: whoever calls hands in how a path becomes a stream of blocks.
"""

from playlistkit.render.deck import Deck
from playlistkit.render.encode import SUFFIXES, Chapter, encode
from playlistkit.render.mix import FADE, RATE, AudioSource, mix
from playlistkit.render.parts import Part, join_parts, session_chapters, session_parts
from playlistkit.render.replaygain import write_gain

__all__ = [
    "FADE",
    "RATE",
    "SUFFIXES",
    "AudioSource",
    "Chapter",
    "Deck",
    "Part",
    "encode",
    "join_parts",
    "mix",
    "session_chapters",
    "session_parts",
    "write_gain",
]
