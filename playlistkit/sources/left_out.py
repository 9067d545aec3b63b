"""Folders that don't hold music to keep: recycle bins, hidden folders, those of a system or a NAS."""

from __future__ import annotations

import os
import re
import stat

__all__ = ["is_left_out"]

BINS = frozenset(
    (
        "$recycle.bin",  # Windows since Vista
        "#recycle",  # Synology, TerraMaster
        "@recycle",  # QNAP, Asustor
        "recycle bin",  # Netgear
        "trashbox",  # Buffalo
        "network trash folder",  # Macs, on volumes of other systems
        "files_trashbin",  # ownCloud, Nextcloud
    )
)
"""Names of recycle bins, in lower case; most others begin with a dot."""

SYSTEM = frozenset(
    (
        "system volume information",
        "$windows.~bt",
        "$windows.~ws",
        "windows.old",
        "lost+found",
        "lost.dir",  # Android
        "__macosx",  # a Mac's own files in an archive that was unpacked elsewhere
        "temporary items",
        "thefindbyfilecontentfolder",
        "thevolumesettingsfolder",
        "backups.backupdb",  # Time Machine: every file once more
    )
)
SNAPSHOTS = frozenset(("#snapshot", "~snapshot", "@recently-snapshot", "@gmt", "files_versions"))
"""Earlier states of the same files."""

NAS = frozenset(
    (
        "@eadir",
        "@tmp",
        "@appstore",
        "@database",
        "@docker",
        "@sharebin",
        "@transcode",
        "@download",
        "@plugins",
    )
)
"""Indexes, thumbnails and programs of a NAS."""

LEFT_OUT = BINS | SYSTEM | SNAPSHOTS | NAS
CHKDSK = re.compile(r"found\.\d{3}")
"""Folders of what a check of a Windows disk picked up."""
EXACTLY = frozenset(("RECYCLER", "RECYCLED"))  # of Windows before Vista; in other case they are album titles


def is_left_out(name: str, status: os.stat_result | None = None) -> bool:
    """Whether a folder, or with its status a file, is hidden or not anybody's music.

    Parameters
    ----------
    name : str
        The last part of its path.
    status : os.stat_result, optional
        Tells what Windows and macOS hide by an attribute.
    """
    if name.startswith("."):
        return True
    if name in EXACTLY or name.casefold() in LEFT_OUT or CHKDSK.fullmatch(name.casefold()):
        return True
    return status is not None and _is_hidden(status)


def _is_hidden(status: os.stat_result) -> bool:
    attributes = getattr(status, "st_file_attributes", 0)  # Windows
    flags = getattr(status, "st_flags", 0)  # macOS
    return bool(
        attributes & (stat.FILE_ATTRIBUTE_HIDDEN | stat.FILE_ATTRIBUTE_SYSTEM) or flags & stat.UF_HIDDEN
    )
