"""Users, units and what they may do: who is at the other end of a request."""
