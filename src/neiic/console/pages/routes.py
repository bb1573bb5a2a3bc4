"""All pages."""

from __future__ import annotations

from fastapi import APIRouter

from neiic.console.pages import (
    board,
    center,
    centers,
    deciding,
    documents,
    profile,
    signing_in,
    tasks,
)

router = APIRouter(include_in_schema=False)
for part in (
    signing_in,
    profile,
    tasks,
    centers,
    board,
    documents,
    deciding,
    center,
):
    router.include_router(part.router)
