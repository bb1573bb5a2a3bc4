"""The HTTP API under ``/api/v1``: the contract's routes, one module for each subject."""
