"""The work inside a unit: claims, comments, drafts to be signed, and the trail of all of it."""
