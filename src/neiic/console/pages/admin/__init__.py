"""Administration: users, units, and what was signed in, turned away and done. Operators only."""
