"""All pages."""

from __future__ import annotations

from fastapi import APIRouter

<<<<<<< HEAD
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

from neiic.console.pages.admin import routes as admin

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
=======
from neiic.console.pages import center, deciding, desk, drafts, profile, signing_in
from neiic.console.pages.admin import routes as admin

from neiic.console.pages.admin import routes as admin

router = APIRouter(include_in_schema=False)
for part in (signing_in, profile, admin, drafts, desk, deciding, center):
>>>>>>> c887050 (Administration, drafts and their signing, the desk on a center's page, sign-in elsewhere)
    router.include_router(part.router)
