"""The session as sound: every join to hear beforehand, the whole as one file, or played now.

`mix` takes samples and gives samples; `encode` writes a file; `parts` says which stretch of which file plays when;
`deck` plays with jumps, for the player; `replaygain` writes levels into tags. None of them decodes an audio file: the
caller passes a function that opens a path as a stream of blocks.
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
