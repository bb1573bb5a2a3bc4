"""All routes of the API."""

from __future__ import annotations

from fastapi import APIRouter

from neiic.console.api import acts, centers, drafts, lists, sessions

router = APIRouter(prefix="/api/v1")
for part in (sessions, lists, centers, acts, drafts):
    router.include_router(part.router)
