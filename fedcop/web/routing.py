"""The one format of a table of routes: who may ask, how often, and who answers."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from asgi_cross_origin_protection import CrossOriginProtection
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from fedcop.errors import NotAllowed, NotFound, Unproved
from fedcop.web.errors import answer, form_of
from fedcop.web.rates import Rates, client_of, parse_rate
from fedcop.web.return_path import return_path
from fedcop.web.viewer import viewer_of

Handler = Callable[[Request], Awaitable[Response]]
Auth = Literal["anyone", "member", "admin"]

SIGN_IN = "/sign-in"
_NOWHERE = "Nothing is here, or it is not open to you."


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One route. `limit` is a rate such as "25/5minutes"; `csrf` False is for other servers.

    With `csrf`, a request that changes something must come from our own pages (or from no
    browser at all). Methods of one path that have different limits are different endpoints.
    """

    path: str
    methods: tuple[str, ...]
    handler: Handler
    auth: Auth = "anyone"
    limit: str | None = None
    csrf: bool = True
    name: str = ""


def build(endpoints: Sequence[Endpoint], rates: Rates | None = None) -> list[Route]:
    """Starlette's routes for a table. Raises ValueError for a `limit` that is no rate.

    The order for each request: origin, rate, who is asking, handler. `rates` is shared between
    tables that count together; by default these endpoints count for themselves.
    """
    shared = rates or Rates()
    return [_route(endpoint, shared) for endpoint in endpoints]


def _route(endpoint: Endpoint, rates: Rates) -> Route:
    rate = parse_rate(endpoint.limit) if endpoint.limit else None
    place = f"{'+'.join(endpoint.methods)} {endpoint.path}"

    async def handle(request: Request) -> Response:
        if "\0" in request.scope["path"]:
            raise NotFound(_NOWHERE)  # PostgreSQL refuses it, and no address of ours has one
        if rate is not None:
            await rates.hit(rate, place, client_of(request))
        refusal = _refusal(request, endpoint.auth)
        if refusal is not None:
            return refusal
        try:
            return await endpoint.handler(request)
        finally:
            await request.close()  # the files of an upload

    guard = [Middleware(CrossOriginProtection, deny_app=_refuse_origin)] if endpoint.csrf else []
    return Route(
        endpoint.path,
        handle,
        methods=list(endpoint.methods),
        name=endpoint.name or endpoint.handler.__name__,
        middleware=guard,
    )


def _refusal(request: Request, auth: Auth) -> Response | None:
    """The way to the sign-in page; raises for programs, and for members who are no admins."""
    viewer = viewer_of(request)
    if auth == "anyone" or (viewer is not None and (auth == "member" or viewer.is_admin)):
        return None
    if viewer is not None:
        raise NotFound(_NOWHERE)
    if form_of(request) != "page":
        raise Unproved("Sign in first: this needs to know who you are.")
    headers = {"Cache-Control": "no-store", "Vary": "Cookie"}
    return RedirectResponse(f"{SIGN_IN}?next={quote(return_path(request))}", 303, headers)


async def _refuse_origin(scope: Scope, receive: Receive, send: Send) -> None:
    error = NotAllowed(
        "This came from a page of another site. Open the page here, and do it again there."
    )
    await answer(Request(scope), error)(scope, receive, send)
