"""Lists over many centers: what waits, the deadline board, the centers themselves.

Every query keeps within a :class:`~neiic.console.accounts.access.Scope`, and answers one page with
its counts from one snapshot of the database, so that a number agrees with the list it counts.
"""
