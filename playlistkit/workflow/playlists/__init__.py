"""Playlists of anyone: the track of each entry is found, and the whole is checked against a template.

Takes a playlist in any format that is read. Gives its entries' tracks, and findings.

    track_parts   a part of a track, with features of its own
    known_tracks  an index of tracks by all that a playlist may say
    entries       the library's track for each entry
    grouped       findings of one kind together
    check         a playlist checked phase by phase, join by join
"""
