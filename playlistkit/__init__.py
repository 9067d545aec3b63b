"""Session playlists for medicine-assisted psychotherapy."""

__version__ = "0.1.0"
