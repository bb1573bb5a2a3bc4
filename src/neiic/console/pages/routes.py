"""All pages."""

from __future__ import annotations

from fastapi import APIRouter

from neiic.console.pages import (
    board,
    center,
    centers,
    deciding,
    desk,
    documents,
    drafts,
    importing,
    profile,
    registering,
    signing_in,
    tasks,
)
from neiic.console.pages.admin import routes as admin

router = APIRouter(include_in_schema=False)
for part in (
    signing_in,
    profile,
    admin,
    drafts,
    tasks,
    registering,
    importing,
    centers,
    board,
    documents,
    desk,
    deciding,
    center,
):
    router.include_router(part.router)
