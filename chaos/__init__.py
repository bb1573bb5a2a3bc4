"""The fault drill: centers, callers and workers, with everything taken from under them."""
