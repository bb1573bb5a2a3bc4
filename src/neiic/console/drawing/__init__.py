"""Drawings made on the server: plain values in, SVG or table data out.

Nothing here reads a clock, a record or a request. What comes out is well-formed, escaped, and has
no inline style: presentation attributes hold sizes, classes of ``static/drawing.css`` hold colour.
"""
