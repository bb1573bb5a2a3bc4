"""All pages of the administration."""

from __future__ import annotations

from fastapi import APIRouter

from neiic.console.pages.admin import logs, units, users

router = APIRouter(include_in_schema=False)
for part in (users, units, logs):
    router.include_router(part.router)
