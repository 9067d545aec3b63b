-- A library as schema version 1 wrote it; the test brings it up to date. Never change this file.
CREATE TABLE track (
    id TEXT PRIMARY KEY,
    uri TEXT UNIQUE,
    title TEXT, artist TEXT, album TEXT, isrc TEXT, genre TEXT,
    duration REAL NOT NULL DEFAULT 0,
    keep INTEGER NOT NULL DEFAULT 0,
    avoid INTEGER NOT NULL DEFAULT 0,
    note TEXT
) STRICT;
CREATE TABLE file (
    path BLOB PRIMARY KEY,
    track TEXT REFERENCES track (id) ON DELETE CASCADE,
    digest TEXT,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    error TEXT
) STRICT;
CREATE INDEX file_track ON file (track);
CREATE INDEX file_digest ON file (digest);
CREATE TABLE feature (
    track TEXT NOT NULL REFERENCES track (id) ON DELETE CASCADE,
    source TEXT NOT NULL CHECK (source IN ('measured', 'imported', 'set')),
    known TEXT NOT NULL,
    versions TEXT,
    PRIMARY KEY (track, source)
) STRICT, WITHOUT ROWID;
CREATE TABLE curve (
    track TEXT NOT NULL REFERENCES track (id) ON DELETE CASCADE,
    source TEXT NOT NULL CHECK (source IN ('measured', 'imported', 'set')),
    name TEXT NOT NULL,
    step REAL NOT NULL,
    packed BLOB NOT NULL,
    PRIMARY KEY (track, source, name)
) STRICT;
CREATE TABLE former (
    id TEXT PRIMARY KEY,
    track TEXT NOT NULL REFERENCES track (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO track VALUES ('0123456789ab', 'spotify:track:1', 'Dawn', 'Ann', 'Hours', NULL, 'ambient', 200.5, 1, 0, 'for endings');
INSERT INTO file VALUES (CAST('/music/Dawn.mp3' AS BLOB), '0123456789ab', '0123456789ab', 4000000, 1700000000000000000, NULL);
INSERT INTO feature VALUES ('0123456789ab', 'measured', '{"tempo":61.0,"energy":0.3}', '{"energy":1,"tempo":1}');
INSERT INTO feature VALUES ('0123456789ab', 'set', '{"energy":0.4}', NULL);
INSERT INTO curve VALUES ('0123456789ab', 'measured', 'energy_curve', 0.001, x'6400c800');
PRAGMA application_id = 1347177300;
PRAGMA user_version = 1;
