"""Where tracks come from besides audio files: tables that other programs wrote."""
