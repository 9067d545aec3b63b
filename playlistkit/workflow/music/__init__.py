"""The music at hand: where it comes from, what the library says of it, and what the therapist says instead.

Takes an open `Library`. Gives tracks to look at, and stores what a table or a person says of them.

    folders       folders to choose music from
    tables        tables of tracks and features into the library
    local_tracks  Spotify tracks and files of the same performance
    query         what narrows and sorts tracks
    tracks        tracks listed, narrowed and sorted
    overruling    what the therapist says instead of what was measured
    rating        many tracks rated by ear
    undecided     what only an ear can decide
"""
