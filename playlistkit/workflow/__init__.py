"""Tasks, joined from the parts: each is one module, and none knows how it is shown.

Rooms, each of which knows those before it: `templates`, `scanning`, `music`, `output`, `planning`, `playlists`, `session`,
`spotify`. Before them stand what several need, `library`, `limits`, `words` and `drawings`; after them `clients`, `aftercare` and
`demo`.
"""
