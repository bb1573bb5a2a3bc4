"""Recorded histories, a folder for each release: lives that every later release must go on with."""
