"""The speed table: what the product must keep to, and what was measured (``make bench``)."""
