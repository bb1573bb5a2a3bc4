"""All pages."""

from __future__ import annotations

from fastapi import APIRouter

from neiic.console.pages import center, deciding, signing_in

router = APIRouter(include_in_schema=False)
for part in (signing_in, deciding, center):
    router.include_router(part.router)
