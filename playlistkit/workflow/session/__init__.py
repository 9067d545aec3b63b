"""A session that is played: made ready, begun, found again, steered, and looked back on.

Takes a `Plan` that is to be heard. Gives commands to the player, a process of its own, and reads what it keeps.

    attach  the session that plays or was interrupted
    played  the record of a session, as a plan and as what was heard
    play    a plan prepared for the player and begun
    ready   every file, the device, the disk and the power checked before
    steer   what is changed while it plays
"""
