"""How a request of `fedcop doctor` arrived here, past whatever stands before the server."""

import hashlib
import hmac
import time

import orjson
from starlette.requests import Request
from starlette.responses import Response

from fedcop.errors import NotFound
from fedcop.web.auth.asking import house
from fedcop.web.routing import Endpoint

PATH = "/.well-known/fedcop-seen"
_WINDOW_SECONDS = 60


def token(secret: str, windows_ago: int = 0) -> str:
    """What proves for a minute or two that the one who asks has the server's own secret."""
    window = int(time.time()) // _WINDOW_SECONDS - windows_ago
    return hmac.new(secret.encode(), f"fedcop-seen {window}".encode(), hashlib.sha256).hexdigest()


async def seen(request: Request) -> Response:
    """Scheme and address of the asker as the server sees them, and what the proxy said of them.

    To whoever has the token; 404 to everyone else.
    """
    given = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
    secret = house(request).settings.secret
    valid = (token(secret, ago).encode() for ago in (-1, 0, 1))
    if not any(hmac.compare_digest(given, one) for one in valid):
        raise NotFound("Nothing is here, or it is not open to you.")
    body = {
        "scheme": request.scope["scheme"],
        "client": request.client.host if request.client else "",
        "forwarded_proto": request.headers.get("x-forwarded-proto", ""),
        "forwarded_for": request.headers.get("x-forwarded-for", ""),
    }
    return Response(
        orjson.dumps(body), 200, {"Cache-Control": "no-store"}, media_type="application/json"
    )


ENDPOINTS = (Endpoint(PATH, ("GET",), seen, limit="20/minute"),)
