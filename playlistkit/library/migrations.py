"""The schema of a library, version by version.

A library of any earlier version is brought to the newest by the statements after its own.
"""

from __future__ import annotations

__all__ = ["MIGRATIONS"]

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    # 1: tracks, their files and their features
    (
        """
        CREATE TABLE track (
            id TEXT PRIMARY KEY,
            uri TEXT UNIQUE,
            title TEXT, artist TEXT, album TEXT, isrc TEXT, genre TEXT,
            duration REAL NOT NULL DEFAULT 0,
            keep INTEGER NOT NULL DEFAULT 0,
            avoid INTEGER NOT NULL DEFAULT 0,
            note TEXT
        ) STRICT
        """,
        # path: the bytes that the system knows the file by, whatever its encoding.
        # A file that could not be read has an error and no track.
        """
        CREATE TABLE file (
            path BLOB PRIMARY KEY,
            track TEXT REFERENCES track (id) ON DELETE CASCADE,
            digest TEXT,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            error TEXT
        ) STRICT
        """,
        "CREATE INDEX file_track ON file (track)",
        "CREATE INDEX file_digest ON file (digest)",
        # known: JSON of all values but curves; versions: JSON of the analysis' version by group.
        """
        CREATE TABLE feature (
            track TEXT NOT NULL REFERENCES track (id) ON DELETE CASCADE,
            source TEXT NOT NULL CHECK (source IN ('measured', 'imported', 'set')),
            known TEXT NOT NULL,
            versions TEXT,
            PRIMARY KEY (track, source)
        ) STRICT, WITHOUT ROWID
        """,
        # packed: 16-bit little-endian integers, one a second, in multiples of step.
        """
        CREATE TABLE curve (
            track TEXT NOT NULL REFERENCES track (id) ON DELETE CASCADE,
            source TEXT NOT NULL CHECK (source IN ('measured', 'imported', 'set')),
            name TEXT NOT NULL,
            step REAL NOT NULL,
            packed BLOB NOT NULL,
            PRIMARY KEY (track, source, name)
        ) STRICT
        """,
        # Ids that a track had before it was joined with another; old plans still name them.
        """
        CREATE TABLE former (
            id TEXT PRIMARY KEY,
            track TEXT NOT NULL REFERENCES track (id) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID
        """,
    ),
    # 2: clients. Track ids without reference: what was heard stays heard when a track is forgotten.
    (
        "CREATE TABLE client (key INTEGER PRIMARY KEY, alias TEXT NOT NULL UNIQUE) STRICT",
        """
        CREATE TABLE client_session (
            client INTEGER NOT NULL REFERENCES client (key) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            liking REAL, resonance REAL, openness REAL,
            PRIMARY KEY (client, number)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE client_track (
            client INTEGER NOT NULL,
            number INTEGER NOT NULL,
            position INTEGER NOT NULL,
            track TEXT NOT NULL,
            PRIMARY KEY (client, number, position),
            FOREIGN KEY (client, number) REFERENCES client_session (client, number) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE client_mark (
            client INTEGER NOT NULL REFERENCES client (key) ON DELETE CASCADE,
            track TEXT NOT NULL,
            mark TEXT NOT NULL CHECK (mark IN ('keep', 'avoid')),
            PRIMARY KEY (client, track)
        ) STRICT, WITHOUT ROWID
        """,
    ),
    # 3: what is remembered of Spotify
    (
        # place: where a pull goes on; NULL when it is complete.
        """
        CREATE TABLE spotify_playlist (
            id TEXT PRIMARY KEY,
            snapshot TEXT NOT NULL,
            place INTEGER
        ) STRICT, WITHOUT ROWID
        """,
        # asked: what the track was looked for by; another title or length is another question.
        # candidates: JSON of what was found, for the therapist to choose from.
        """
        CREATE TABLE spotify_match (
            track TEXT PRIMARY KEY REFERENCES track (id) ON DELETE CASCADE ON UPDATE CASCADE,
            asked TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('taken', 'chosen', 'open', 'none', 'skipped')),
            uri TEXT,
            candidates TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
    ),
    # 4: what the features of a track are made of, so that a new scale needs no second listening
    (
        """
        CREATE TABLE low_level (
            track TEXT PRIMARY KEY REFERENCES track (id) ON DELETE CASCADE ON UPDATE CASCADE,
            packed BLOB NOT NULL
        ) STRICT
        """,
    ),
    # 5: what services that give features were asked for, and which features came of it; [] for a miss
    (
        """
        CREATE TABLE service_answer (
            track TEXT NOT NULL REFERENCES track (id) ON DELETE CASCADE ON UPDATE CASCADE,
            service TEXT NOT NULL,
            day TEXT NOT NULL,
            names TEXT NOT NULL,
            PRIMARY KEY (track, service)
        ) STRICT, WITHOUT ROWID
        """,
    ),
    # 6: whose music it is, of which work, and a digest of all bytes, by which an edited copy is told from a copy
    (
        "ALTER TABLE track ADD COLUMN album_artist TEXT",
        # people: JSON list of names; NULL where nothing lists them.
        "ALTER TABLE track ADD COLUMN people TEXT",
        "ALTER TABLE track ADD COLUMN work TEXT",
        "ALTER TABLE track ADD COLUMN movement INTEGER",
        "ALTER TABLE file ADD COLUMN whole TEXT",
    ),
    # 7: plans that are being worked on. Track ids without reference, as for clients.
    (
        """
        CREATE TABLE plan (
            id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            position INTEGER NOT NULL,
            client INTEGER REFERENCES client (key) ON DELETE SET NULL
        ) STRICT
        """,
        # packed: the plan's JSON, deflated; what: what was done, in words; locked: JSON of ids.
        """
        CREATE TABLE plan_revision (
            plan TEXT NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            what TEXT NOT NULL,
            locked TEXT NOT NULL,
            packed BLOB NOT NULL,
            PRIMARY KEY (plan, number)
        ) STRICT
        """,
        """
        CREATE TABLE plan_join (
            plan TEXT NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
            one TEXT NOT NULL,
            two TEXT NOT NULL,
            mark TEXT NOT NULL CHECK (mark IN ('good', 'change')),
            PRIMARY KEY (plan, one, two)
        ) STRICT, WITHOUT ROWID
        """,
    ),
    # 8: how a client's session was played; packed: the record's text, deflated
    (
        """
        CREATE TABLE client_record (
            client INTEGER NOT NULL,
            number INTEGER NOT NULL,
            packed BLOB NOT NULL,
            PRIMARY KEY (client, number),
            FOREIGN KEY (client, number) REFERENCES client_session (client, number) ON DELETE CASCADE
        ) STRICT
        """,
    ),
    # 9: albums in one file. A file has a row for each of its tracks.
    (
        # start, stop: seconds into the file; 0 and NULL of a whole file, NULL also of an album's last track.
        # within: how many tracks the CUE sheet in the file's own tags has; NULL where it lies beside it, or there is none.
        """
        CREATE TABLE file_of_parts (
            path BLOB NOT NULL,
            start REAL NOT NULL DEFAULT 0,
            stop REAL,
            within INTEGER,
            track TEXT REFERENCES track (id) ON DELETE CASCADE,
            digest TEXT,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            error TEXT,
            whole TEXT,
            PRIMARY KEY (path, start)
        ) STRICT
        """,
        "INSERT INTO file_of_parts (path, track, digest, size, mtime_ns, error, whole) "
        "SELECT path, track, digest, size, mtime_ns, error, whole FROM file ORDER BY rowid",
        "DROP TABLE file",
        "ALTER TABLE file_of_parts RENAME TO file",
        "CREATE INDEX file_track ON file (track)",
        "CREATE INDEX file_digest ON file (digest)",
    ),
)
"""Statements that bring a library from each schema version to the next."""
