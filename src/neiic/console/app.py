"""The console's application: pages and API behind one guard."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect

from neiic import __version__
from neiic.console.accounts.faults import FaultError
from neiic.console.api import problems
from neiic.console.api import routes as api
from neiic.console.api.documenting import documented
from neiic.console.asking import PasswordNeededError, SignInNeededError, house_of
from neiic.console.guarding import Guard, headers_for
from neiic.console.house import House
from neiic.console.pages import failing, signing_elsewhere
from neiic.console.pages import routes as pages
from neiic.console.portfolio.cursors import CursorError
from neiic.console.static_files import StaticFiles
from neiic.door import UnansweredError

DESCRIPTION = """Acts on centers are sent to their workflows and answered by the law; what is read
comes from the records. The actor is who the token says. Times are ISO 8601; one without a zone is
Beijing time. Refusals and errors are RFC 9457 problem documents with the article they rest on."""


def create_app(house: House) -> FastAPI:
    """The whole console. The caller owns what ``house`` holds and closes it afterwards."""
    app = FastAPI(
        title="NEIIC lifecycle engine",
        version=__version__,
        description=DESCRIPTION,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.house = house
    app.openapi = documented(app)  # type: ignore[method-assign]
    app.include_router(api.router)
    app.include_router(pages.router)
    app.router.routes.extend(signing_elsewhere.routes(house))
    app.mount("/static", StaticFiles())
    app.add_api_route("/", lambda: RedirectResponse("/tasks"), include_in_schema=False)
    app.add_api_route("/health", lambda: PlainTextResponse("ok\n"), include_in_schema=False)
    app.add_exception_handler(problems.ProblemError, problems.on_problem)
    app.add_exception_handler(SignInNeededError, failing.sign_in_first)
    app.add_exception_handler(PasswordNeededError, failing.password_first)
    app.add_exception_handler(FaultError, _fault)
    app.add_exception_handler(CursorError, _bad_cursor)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(OperationalError, _away)
    app.add_exception_handler(UnansweredError, _away)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _failed)
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5)
    app.add_middleware(Guard, https=house.settings.console_url.startswith("https:"))
    return app


def _is_api(request: Request) -> bool:
    return request.url.path.startswith(problems.API)


async def _bad_cursor(request: Request, error: Exception) -> Response:
    if _is_api(request):
        return problems.answer(problems.bad_cursor(str(error)))
    return failing.error_page(request, 404)


async def _fault(request: Request, error: Exception) -> Response:
    assert isinstance(error, FaultError)
    if _is_api(request):
        return problems.answer(problems.of_fault(error))
    return failing.fault_page(request, error)


async def _unreadable(request: Request, error: Exception) -> Response:
    if _is_api(request):
        return await problems.on_unreadable(request, error)
    return failing.error_page(request, 404)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if _is_api(request):
        return problems.plain(error)
    answer = failing.error_page(request, error.status_code)
    answer.headers.update(error.headers or {})
    return answer


async def _away(request: Request, error: Exception) -> Response:
    del error
    if _is_api(request):
        return problems.away()
    answer = failing.error_page(request, 503)
    answer.headers.update(problems.AGAIN)
    return answer


async def _gone(request: Request, error: Exception) -> Response:
    """Whoever goes on to the next page leaves a look ahead unsent: no fault, and nobody to tell."""
    del request, error
    return Response(status_code=400)


async def _failed(request: Request, error: Exception) -> Response:
    # Starlette logs the traceback after this answer has gone out, past the guard.
    del error
    if _is_api(request):
        answer: Response = problems.plain(HTTPException(500))
    else:
        answer = failing.error_page(request, 500)
    https = house_of(request).settings.console_url.startswith("https:")
    answer.headers.update(headers_for(https) | {"Cache-Control": "no-store"})
    return answer
