"""Pages for when something does not go on: sign in first, not found, not allowed, away."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from neiic.console.accounts.faults import FaultError
from neiic.console.asking import house_of
from neiic.console.pages.rendering import bare_page


def error_page(request: Request, status: int) -> Response:
    """What went wrong in a sentence, and the way out."""
    return bare_page(
        request, house_of(request), "failing.html", status=status, code=status, fault=None
    )


def fault_page(request: Request, error: FaultError) -> Response:
    """What does not fit in what was asked, for a page that has no form of its own for it."""
    status = {"invalid": 422, "unknown": 404, "conflict": 409, "forbidden": 403}[error.kind]
    return bare_page(
        request, house_of(request), "failing.html", status=status, code=status, fault=error
    )


async def password_first(request: Request, error: Exception) -> Response:
    """To the page where a password that was given becomes one's own."""
    del request, error
    return RedirectResponse("/profile/password", 303)


async def sign_in_first(request: Request, error: Exception) -> Response:
    """To the sign-in page, and back afterwards. What a form held goes along, and comes back."""
    from neiic.console.pages.signing_in import sign_in_page

    del error
    if request.method == "GET":
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?next={quote(target, safe='')}", 303)
    form = await request.form()
    kept = [
        (name, value)
        for name, value in form.multi_items()
        if isinstance(value, str) and name not in ("csrf", "password")
    ]
    return sign_in_page(
        request, house_of(request), next_page=request.url.path, kept=kept, status=401
    )
