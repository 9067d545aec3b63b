"""A therapist's own Spotify account: sign in, read playlists, find tracks, write playlists.

`client` is a thin, careful layer over spotipy, and all network traffic goes through it. The others use it: `pull` reads,
`match` finds local tracks, `push` writes. `login` signs in, `authorization` renews, and `tokens` keeps the sign-in.
"""
