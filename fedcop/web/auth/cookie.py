"""The session cookie: one random token, out of reach of scripts and of other hosts."""

from starlette.requests import HTTPConnection
from starlette.responses import Response

from fedcop.domain.access.sessions import LASTS
from fedcop.settings import Settings

_LONGEST = 100


def cookie_name(settings: Settings) -> str:
    """`__Host-` binds it to this very host over https; plain http in development cannot have it."""
    return "fedcop" if settings.development else "__Host-fedcop"


def token_of(request: HTTPConnection, settings: Settings) -> str:
    """The token that a browser sent; empty for none, or for what cannot be one."""
    token = request.cookies.get(cookie_name(settings), "")
    return token if len(token) <= _LONGEST and token.isascii() else ""


def hand_out(response: Response, token: str, settings: Settings) -> None:
    """Let the browser keep this token as long as its session lasts."""
    response.set_cookie(
        cookie_name(settings),
        token,
        max_age=int(LASTS.total_seconds()),
        path="/",
        secure=not settings.development,
        httponly=True,
        samesite="lax",
    )


def take_back(response: Response, settings: Settings) -> None:
    """Let the browser forget its token."""
    response.delete_cookie(
        cookie_name(settings),
        path="/",
        secure=not settings.development,
        httponly=True,
        samesite="lax",
    )
