"""All routes of the API."""

from __future__ import annotations

from fastapi import APIRouter

from neiic.console.api import acts, centers, sessions

router = APIRouter(prefix="/api/v1")
for part in (sessions, centers, acts):
    router.include_router(part.router)
