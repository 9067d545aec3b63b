"""The library: tracks, their features, and what is remembered for clients, in one SQLite file."""

from playlistkit.library.clients import Client, Clients, ClientSession
from playlistkit.library.files import KnownFile
from playlistkit.library.selecting import COLUMNS, NUMBERS, TAGS, Condition, Order
from playlistkit.library.tracks import Library, default_path, uri_id

__all__ = [
    "COLUMNS", "NUMBERS", "TAGS", "Client", "ClientSession", "Clients", "Condition", "KnownFile", "Library", "Order",
    "default_path", "uri_id",
]  # fmt: skip
