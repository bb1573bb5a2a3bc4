"""NEIIC lifecycle engine: one durable workflow for each National Emerging Industry Innovation Center."""

__version__ = "0.3.0"
