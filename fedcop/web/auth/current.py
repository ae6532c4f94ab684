"""Works out who asks, once for each request that brings a session."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from fedcop.app import Session
from fedcop.domain.access.sessions import signed_in
from fedcop.domain.notifications.queries import unread
from fedcop.domain.site.found import site
from fedcop.errors import FedcopError
from fedcop.web.auth.asking import house
from fedcop.web.auth.cookie import token_of
from fedcop.web.errors import answer
from fedcop.web.locale import prefer
from fedcop.web.viewer import Viewer

_NOBODYS = ("/static/", "/.well-known/", "/nodeinfo", "/inbox", "/healthz", "/readyz", "/metrics")


class CurrentViewer:
    """Puts the Viewer into `request.state.viewer`, and the site's name where pages look for it.

    One read for each request with a cookie, none without. Where the database cannot answer, the
    request is answered as that error says (503), rather than as if nobody were signed in.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(_NOBODYS):
            request = Request(scope)
            try:
                await _look(request)
            except FedcopError as error:
                await answer(request, error)(scope, receive, send)
                return
        await self.app(scope, receive, send)


async def _look(request: Request) -> None:
    app = house(request)
    state = request.app.state
    if not getattr(state, "site_name", ""):
        row = await app.read(site)
        state.site_name = row.name if row else ""
    token = token_of(request, app.settings)
    if token:
        viewer, locale = await app.read(lambda session: _viewer(session, token))
        request.state.viewer = viewer
        prefer(request, locale)


def _viewer(session: Session, token: str) -> tuple[Viewer | None, str | None]:
    """Who it is, and in which language they read."""
    found = signed_in(session, token, datetime.now(UTC))
    if found is None:
        return None, None
    viewer = Viewer(
        actor_id=found.actor.id,
        name=found.actor.name,
        display_name=found.actor.title,
        role=found.account.role,
        unread=unread(session, found.actor.id),
    )
    return viewer, found.account.locale
