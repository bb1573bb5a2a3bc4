"""Which models are stored for decades: those that say their version, wherever they are defined."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

import neiic
from neiic.statute.forms import Frozen
from neiic.statute.versions import present_version

FOLDER = Path(__file__).parent
SHAPES = FOLDER / "shapes"
SAMPLES = FOLDER / "samples"


def stored_models() -> dict[str, type[BaseModel]]:
    """Every model of the package with a schema version, by name."""
    for module in pkgutil.walk_packages(neiic.__path__, "neiic."):
        # Alembic's own entry and its scripts run when they are imported.
        if not module.name.startswith("neiic.migrations"):
            importlib.import_module(module.name)
    models: dict[str, type[BaseModel]] = {}
    for model in _below(Frozen):
        if model.__module__.startswith("neiic.") and present_version(model) is not None:
            assert models.setdefault(model.__name__, model) is model, (
                f"two stored models are named {model.__name__}: their samples and upcasters go by name"
            )
    return dict(sorted(models.items()))


def version_of(model: type[BaseModel]) -> int:
    version = present_version(model)
    assert type(version) is int, f"{model.__name__}.schema_version has no number for a default"
    return version


def _below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for child in model.__subclasses__():
        yield child
        yield from _below(child)
