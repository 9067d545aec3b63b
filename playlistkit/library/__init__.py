"""The library: the therapist's tracks and features, and what is remembered for clients, in one SQLite file."""

from playlistkit.library.clients import Client, Clients, ClientSession
from playlistkit.library.tracks import KnownFile, Library, default_path, uri_id

__all__ = ["Client", "ClientSession", "Clients", "KnownFile", "Library", "default_path", "uri_id"]
