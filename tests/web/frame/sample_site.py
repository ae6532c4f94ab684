"""A small site out of the parts of the frame: every macro on a page, every kind of error."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
from sample_pages import ENDPOINTS
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from fedcop.metrics import Metrics
from fedcop.settings import Settings
from fedcop.web.errors import handlers
from fedcop.web.middleware import stack
from fedcop.web.routing import build
from fedcop.web.viewer import Viewer

HOST = "rivers.example"
MEMBER = Viewer(actor_id=7, name="ana", display_name="Ana Duarte", role="member", unread=3)
ADMIN = replace(MEMBER, actor_id=8, name="kofi", role="admin")


class SignIn:
    """Stands in for the session: whoever sends `X-Test-Viewer` is that person."""

    def __init__(self, app: ASGIApp, everybody: Viewer | None = None) -> None:
        self.app = app
        self.everybody = everybody

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            wanted = dict(scope["headers"]).get(b"x-test-viewer", b"").decode()
            people = {"ana": MEMBER, "kofi": ADMIN}
            scope.setdefault("state", {})["viewer"] = people.get(wanted, self.everybody)
        await self.app(scope, receive, send)


@dataclass
class Site:
    app: Starlette
    metrics: Metrics


def make_site(host: str = HOST, *, development: bool = False, viewer: Viewer | None = None) -> Site:
    settings = Settings(host=host, development=development, data_dir=Path("nowhere"))
    metrics = Metrics()
    house: Any = SimpleNamespace(settings=settings, uris=settings.uris, metrics=metrics)
    app = Starlette(
        routes=build(ENDPOINTS),
        middleware=[*stack(settings, metrics), Middleware(SignIn, everybody=viewer)],
        exception_handlers=handlers,
    )
    app.state.fedcop = house
    app.state.site_name = "Rivers Institute"
    return Site(app, metrics)


@asynccontextmanager
async def visit(site: Site, **more: Any) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(site.app, client=more.pop("client", ("203.0.113.9", 1)))
    headers = {"Accept": "text/html", **more.pop("headers", {})}
    async with httpx.AsyncClient(
        transport=transport, base_url=f"https://{HOST}", headers=headers, **more
    ) as client:
        yield client
