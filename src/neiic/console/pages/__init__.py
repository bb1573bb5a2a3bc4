"""The web pages: one module for each of the screens."""
