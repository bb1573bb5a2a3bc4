"""All routes of the API."""

from __future__ import annotations

from fastapi import APIRouter

from neiic.console.api import acts, centers, lists, sessions

router = APIRouter(prefix="/api/v1")
for part in (sessions, lists, centers, acts):
    router.include_router(part.router)
