"""Everything that touches the world: the records, the calendar, later notices and letters."""
